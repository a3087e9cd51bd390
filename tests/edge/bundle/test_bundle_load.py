"""Whole bundles: what they say of themselves, and that it is true."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from edge.bundle.bundle import Bundle, load_bundle
from edge.bundle.manifest_reader import parse_manifest
from edge.errors import BundleError
from edge.nb.model import read_nb
from edge.predictor.lite import lite_predictor

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    ("task", "name", "shape", "classes"),
    [
        ("det", "ch_PP-OCRv4_det", (1, 3, -1, -1), None),
        ("cls", "ch_ppocr_mobile_v2.0_cls", (-1, 3, 48, 192), None),
        ("rec", "ch_PP-OCRv4_rec", (-1, 3, 48, -1), 6625),
    ],
)
def test_what_stands_in_a_bundle(
    default_bundles: Mapping[str, Bundle], task: str, name: str, shape: tuple[int, ...], classes: int | None
) -> None:
    bundle = load_bundle(default_bundles[task].folder)
    manifest = bundle.manifest
    assert (manifest.name, manifest.task, manifest.target, manifest.precision) == (name, task, "x86", "fp32")
    assert (manifest.input.shape, manifest.classes, manifest.warnings) == (shape, classes, ())
    assert bundle.nb == dataclasses.replace(read_nb(bundle.model_path), path=bundle.nb.path)
    assert manifest.opt_version == bundle.nb.opt_version
    on_disk = {str(path.relative_to(bundle.folder)) for path in bundle.folder.rglob("*") if path.is_file()}
    assert set(manifest.files) == on_disk - {"manifest.json"}
    assert set(manifest.source["sha256"]) == {"inference.pdmodel", "inference.pdiparams"}


@pytest.mark.parametrize("task", ["det", "cls", "rec"])
def test_the_golden_output_is_what_the_model_gives(default_bundles: Mapping[str, Bundle], task: str) -> None:
    bundle = default_bundles[task]
    tensor, expected = bundle.golden()
    assert bundle.manifest.golden is not None
    with lite_predictor(bundle.model_path, bundle.nb, bundle.manifest.input) as predictor:
        difference = float(np.abs(predictor.run([tensor])[0] - expected).max())
    assert difference < bundle.manifest.golden.tolerance == 1e-3
    assert float(expected.max()) > 0.5, "there is something to find in it"


def test_the_text_of_a_manifest_is_read_back_the_same(default_bundles: Mapping[str, Bundle]) -> None:
    for bundle in default_bundles.values():
        text = (bundle.folder / "manifest.json").read_text(encoding="utf-8")
        assert parse_manifest(text) == bundle.manifest
        assert bundle.manifest.to_json() == text


def test_only_a_recognizer_has_characters(default_bundles: Mapping[str, Bundle]) -> None:
    characters = default_bundles["rec"].character_set()
    assert len(characters) == 6625
    assert (characters.classes[0], characters.classes[-1]) == ("", " ")
    with pytest.raises(BundleError, match="is for det, it has no dictionary"):
        default_bundles["det"].character_set()


def test_a_bundle_may_stand_anywhere(
    copy_of: Callable[..., object],
    default_bundles: Mapping[str, Bundle],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Behind a link, with other files beside its own, in a folder with an odd name, named by a short path."""
    odd = tmp_path / "ein Bündel\n名"
    shutil.copytree(default_bundles["cls"].folder, odd)
    (odd / "notes.txt").write_text("mine")
    (tmp_path / "link").symlink_to(odd)
    monkeypatch.chdir(odd)
    for folder in (odd, tmp_path / "link", Path(), Path("golden/..")):
        assert load_bundle(folder).manifest == default_bundles["cls"].manifest


def test_links_inside_a_bundle_are_files_of_it(default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(default_bundles["cls"].folder, tmp_path / "b"))
    (folder / "model.nb").rename(folder / "real.nb")
    (folder / "model.nb").symlink_to("real.nb")
    assert load_bundle(folder).model_path.name == "model.nb"


def test_optional_fields_may_be_left_out(default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(default_bundles["cls"].folder, tmp_path / "b"))
    values = json.loads((folder / "manifest.json").read_text())
    for name in ("dictionary", "classes", "golden", "source", "versions", "warnings"):
        values.pop(name)
    values["parameters"] = {}
    (folder / "manifest.json").write_text(json.dumps(values))
    bundle = load_bundle(folder)
    assert bundle.manifest.parameters == default_bundles["cls"].manifest.parameters, "its own defaults"
    with pytest.raises(BundleError, match="has no golden input and output"):
        bundle.golden()
