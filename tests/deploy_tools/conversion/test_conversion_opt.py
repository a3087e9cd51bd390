"""``opt`` in its child process: every target and precision, the same bytes every time, and its failures."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import conversion_options
from edge.errors import ConversionError, ModelError, PpocrEdgeError
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    ("target", "options", "targets", "precision"),
    [
        ("x86", {}, {"x86"}, "fp32"),
        ("arm", {}, {"arm"}, "fp32"),
        ("arm,opencl", {}, {"opencl"}, "fp32"),  # it can do everything in this small model
        ("arm", {"fp16": True}, {"arm"}, "fp16"),
        ("arm", {"weights": "int8"}, {"arm"}, "int8-weights"),
        ("arm", {"weights": "int16"}, {"arm"}, "int16-weights"),
    ],
)
def test_what_was_asked_for_is_read_back(
    classifier: Path,
    tmp_path: Path,
    target: str,
    options: dict[str, object],
    targets: set[str],
    precision: str,
) -> None:
    wanted = conversion_options(target, **options)  # type: ignore[arg-type]
    nb = run_opt(classifier, wanted, tmp_path / "model.nb")
    assert (nb.targets, nb.precision, nb.path) == (targets, precision, tmp_path / "model.nb")
    assert [path.name for path in tmp_path.iterdir()] == ["model.nb"], "nothing else is left"
    if "weights" in options:
        whole = sum(size for size in nb.weight_bytes.values())
        narrow = nb.weight_bytes.get(str(options["weights"]), 0)
        assert narrow > whole / 3, "most weights are narrow"


@pytest.mark.parametrize("target", ["x86", "arm", "arm,opencl"])
def test_the_same_bytes_every_time(
    classifier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """Whatever the folders are called and wherever the command stands."""
    options = conversion_options(target)
    (tmp_path / "a").mkdir()
    elsewhere = tmp_path / "ein anderer Ort 名"
    shutil.copytree(classifier, elsewhere / "model")
    first = run_opt(classifier, options, tmp_path / "a" / "x.nb")
    monkeypatch.chdir(elsewhere)
    second = run_opt(Path("model"), options, Path("second.nb"))
    assert first.sha256 == second.sha256
    assert (tmp_path / "a" / "x.nb").read_bytes() == (elsewhere / "second.nb").read_bytes()


def test_a_variable_that_would_change_the_format_does_not(
    classifier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PADDLE_LITE_MODEL_VERSION1", "1")
    assert run_opt(classifier, conversion_options("arm"), tmp_path / "m.nb").meta_version == 2


def swap(folder: Path) -> None:
    (folder / MODEL_FILE).rename(folder / "x")
    (folder / PARAMS_FILE).rename(folder / MODEL_FILE)
    (folder / "x").rename(folder / PARAMS_FILE)


DAMAGES: dict[str, tuple[Callable[[Path], object], type[PpocrEdgeError], str]] = {
    "no weights": (lambda folder: (folder / PARAMS_FILE).unlink(), ModelError, "is missing"),
    "empty weights": (lambda folder: os.truncate(folder / PARAMS_FILE, 0), ModelError, "is empty"),
    "cut weights": (lambda folder: os.truncate(folder / PARAMS_FILE, 99_999), ConversionError, "is cut off"),
    "longer weights": (
        lambda folder: os.truncate(folder / PARAMS_FILE, 9_999_999),
        ConversionError,
        "more than the model takes",
    ),
    "random weights": (
        lambda folder: (folder / PARAMS_FILE).write_bytes(bytes(range(256)) * 999),
        ConversionError,
        "the weight file is damaged, of another model, or none",
    ),
    "cut program": (
        lambda folder: os.truncate(folder / MODEL_FILE, 50_000),
        ModelError,
        "is cut off: ",
    ),
    "program without its last byte": (
        lambda folder: os.truncate(folder / MODEL_FILE, (folder / MODEL_FILE).stat().st_size - 1),
        ModelError,
        "is cut off: 1 more bytes were expected",
    ),
    "swapped files": (swap, ModelError, "holds no program"),
    "text": (
        lambda folder: (folder / MODEL_FILE).write_text("version https://git-lfs.github.com/spec/v1\n"),
        ModelError,
        "holds no program",
    ),
    "noise behind a good beginning": (
        lambda folder: (folder / MODEL_FILE).write_bytes(b"\x0a\x03abc" + b"\xff" * 99),
        ModelError,
        "holds no program",
    ),
    "a program without ops": (
        lambda folder: (folder / MODEL_FILE).write_bytes(b"\x0a\x00"),
        ConversionError,
        "more than the model takes",
    ),
    "a checkpoint": (
        lambda folder: [(folder / MODEL_FILE).unlink(), (folder / "best.pdparams").write_bytes(b"\x80\x04")],
        ModelError,
        "holds a training checkpoint",
    ),
    "Paddle 3": (
        lambda folder: (folder / MODEL_FILE).rename(folder / "inference.json"),
        ModelError,
        "PIR model of Paddle 3",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_model_that_is_none(model: Path, tmp_path: Path, name: str) -> None:
    damage, kind, found = DAMAGES[name]
    damage(model)
    (tmp_path / "out").mkdir()
    with pytest.raises(kind) as caught:
        run_opt(model, conversion_options("arm"), tmp_path / "out" / "model.nb")
    assert type(caught.value) is kind
    assert caught.value.subject.startswith(str(model)), "not a file of ours"
    assert ".opt-" not in str(caught.value)
    assert found in caught.value.found
    assert caught.value.remedy
    assert list((tmp_path / "out").iterdir()) == []


def test_opt_that_hangs_is_ended(
    classifier: Path, tmp_path: Path, staying: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(staying))
    monkeypatch.setenv("STAYS", "opt_child")
    monkeypatch.setattr("deploy_tools.conversion.opt.TIME_LIMIT", 0.05)
    with pytest.raises(ConversionError, match=r"opt did not finish within 0\.05 s"):
        run_opt(classifier, conversion_options("arm"), tmp_path / "model.nb")
    assert list(tmp_path.iterdir()) == []
