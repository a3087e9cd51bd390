"""Paddle in its child process: the reference, and what it says of models and inputs that it refuses."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from processes import alive, children

from edge.errors import ModelError, PredictorCrashedError, PredictorError, TensorError
from edge.predictor.spec import InputSpec
from slim.reference import PaddlePredictor
from slim.reference.engine import MAX_GIST, gist
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE, check_inference_model

CLASSIFIER = "ch_ppocr_mobile_v2_cls_infer"
SPEC = InputSpec((-1, 3, -1, -1))
LINE: npt.NDArray[np.float32] = np.zeros((1, 3, 48, 192), np.float32)


@pytest.fixture(scope="module")
def classifier(embedded_models: Path) -> Iterator[PaddlePredictor]:
    with PaddlePredictor(embedded_models / CLASSIFIER, [SPEC]) as predictor:
        assert isinstance(predictor, PaddlePredictor)
        yield predictor


@pytest.fixture
def copy(embedded_models: Path, tmp_path: Path) -> Path:
    """The classifier's folder, to be damaged."""
    return Path(shutil.copytree(embedded_models / CLASSIFIER, tmp_path / "model"))


@pytest.mark.embedded
def test_what_it_is_and_answers(classifier: PaddlePredictor) -> None:
    assert classifier.info["library"] == "paddle"
    assert classifier.info["library_version"].startswith("2.")
    assert classifier.info["inputs"] == ["x"]
    (output,) = classifier.run([LINE])
    assert output.shape == (1, 2)
    assert output.sum() == pytest.approx(1)
    assert classifier.seconds > 0
    assert classifier.peak_rss_mb > 100


@pytest.mark.embedded
def test_sizes_and_batches_in_any_order(classifier: PaddlePredictor) -> None:
    """Unlike Paddle-Lite one predictor serves them all."""
    rng = np.random.default_rng(0)
    inputs = [rng.uniform(-1, 1, shape).astype(np.float32) for shape in ((1, 3, 48, 192), (3, 3, 48, 192))]
    first = [classifier.run([tensor])[0] for tensor in inputs]
    for number in (1, 0, 0, 1):
        np.testing.assert_array_equal(classifier.run([inputs[number]])[0], first[number])


@pytest.mark.embedded
def test_an_input_that_paddle_refuses(embedded_models: Path) -> None:
    """One sentence out of its pages, and the process goes on."""
    folder, before = embedded_models / "ch_PP-OCRv4_det_infer", children(os.getpid())
    with PaddlePredictor(folder, [SPEC]) as detector:
        assert detector.run([np.zeros((1, 3, 32, 32), np.float32)])[0].shape == (1, 1, 32, 32)
        (child,) = children(os.getpid()) - before
        with pytest.raises(PredictorError) as caught:
            detector.run([np.zeros((1, 3, 33, 32), np.float32)])
        assert not isinstance(caught.value, PredictorCrashedError)
        assert caught.value.subject == f"{folder} on Paddle"
        assert caught.value.found.startswith("Broadcast dimension mismatch.")
        assert len(caught.value.found) <= MAX_GIST
        assert alive(child)
        assert detector.run([np.zeros((1, 3, 64, 32), np.float32)])[0].shape == (1, 1, 64, 32)


@pytest.mark.embedded
def test_what_does_not_suit_is_told_before_paddle_sees_it(classifier: PaddlePredictor) -> None:
    with pytest.raises(TensorError, match="has dtype float64"):
        classifier.run([LINE.astype(np.float64)])


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (signal.SIGKILL, "the process was killed"),
        (signal.SIGSEGV, "Paddle died of a segmentation fault: the model's files are damaged or swapped"),
    ],
)
def test_a_killed_child_is_replaced(embedded_models: Path, number: int, cause: str) -> None:
    before = children(os.getpid())
    with PaddlePredictor(embedded_models / CLASSIFIER, [SPEC]) as predictor:
        predictor.start()
        (child,) = children(os.getpid()) - before
        os.kill(child, number)
        with pytest.raises(PredictorCrashedError, match=cause):
            predictor.run([LINE])
        assert predictor.run([LINE])[0].shape == (1, 2)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut weights": (
        lambda folder: os.truncate(folder / PARAMS_FILE, 40_000),
        "Paddle cannot load the model: ",
    ),
    "damaged program": (
        lambda folder: _overwrite(folder / MODEL_FILE, 4000, b"\xff" * 64),
        "Failed to parse program_desc",
    ),
    "an empty program": (
        lambda folder: (folder / MODEL_FILE).write_bytes(b"\x0a\x00"),
        "Paddle cannot load the model: Failed to parse program_desc",
    ),
}


def _overwrite(file: Path, position: int, data: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(position)
        stream.write(data)


@pytest.mark.embedded
@pytest.mark.parametrize("name", DAMAGES)
def test_a_model_that_paddle_cannot_load(copy: Path, name: str) -> None:
    damage, found = DAMAGES[name]
    damage(copy)
    with PaddlePredictor(copy, [SPEC]) as predictor, pytest.raises(PredictorCrashedError) as caught:
        predictor.run([LINE])
    assert found in caught.value.found
    assert caught.value.remedy == "pull or export the model again"
    assert len(str(caught.value)) < 500


FOLDERS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "no weights": (lambda folder: (folder / PARAMS_FILE).unlink(), PARAMS_FILE, "is missing"),
    "no program": (lambda folder: (folder / MODEL_FILE).unlink(), MODEL_FILE, "is missing"),
    "empty weights": (lambda folder: os.truncate(folder / PARAMS_FILE, 0), PARAMS_FILE, "is empty"),
    "cut program": (
        lambda folder: (folder / MODEL_FILE).write_bytes(b"\x0a\x05abc"),
        MODEL_FILE,
        "is cut off: 2 more bytes were expected",
    ),
    "a text": (
        lambda folder: (folder / MODEL_FILE).write_text("version https://git-lfs.github.com/spec/v1"),
        MODEL_FILE,
        "holds no program: it is damaged, training weights, text",
    ),
    "a folder in place": (
        lambda folder: [(folder / MODEL_FILE).unlink(), (folder / MODEL_FILE).mkdir()],
        MODEL_FILE,
        "is missing",
    ),
    "a checkpoint": (
        lambda folder: [(folder / MODEL_FILE).unlink(), (folder / "best.pdparams").write_bytes(b"x")],
        "",
        "holds a training checkpoint; export an inference model from it first",
    ),
    "a bundle": (
        lambda folder: [(folder / MODEL_FILE).unlink(), (folder / "model.nb").write_bytes(b"x")],
        "",
        "holds a .nb, which is converted already and cannot be again; give the model it was made of",
    ),
    "a model of Paddle 3": (
        lambda folder: (folder / MODEL_FILE).rename(folder / "inference.json"),
        "",
        "holds a PIR model of Paddle 3; export it with FLAGS_enable_pir_api=0",
    ),
    "nothing": (lambda folder: shutil.rmtree(folder), "", "no such folder"),
    "a file": (
        lambda folder: [shutil.rmtree(folder), folder.write_text("x")],
        "",
        "is a file; give the folder with inference.pdmodel",
    ),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_without_an_inference_model(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for file in (MODEL_FILE, PARAMS_FILE):
        (folder / file).write_bytes(b"\x0a\x03abc\x22\x00")
    check_inference_model(folder)
    damage, file, found = FOLDERS[name]
    damage(folder)
    with pytest.raises(ModelError) as caught:
        PaddlePredictor(folder, [SPEC])
    assert caught.value.subject == str(folder / file)
    assert found in str(caught.value)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("(InvalidArgument) Wrong shape.\n  [Hint: Expected a == b] (at /x.cc:1)\n  [operator < f > error]",
         "Wrong shape."),
        ("In user code:\n\n    File \"a.py\", line 3, in <module>\n      main()\n\n"
         "    InvalidArgumentError: Too\n      many axes. But 5.\n      [Hint: x]", "Too many axes. But 5."),
        ("no such thing", "no such thing"),
        ("", ""),
        ("x" * 1000, "x" * 199 + "…"),
    ],
)  # fmt: skip
def test_the_gist_of_what_paddle_says(said: str, sentence: str) -> None:
    assert gist(said) == sentence
