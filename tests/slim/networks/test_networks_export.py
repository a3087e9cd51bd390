"""Networks with published weights against other engines with the same weights, on real pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from network_references import OnnxEngine, difference, line_input, paddle_engine, picture

from edge.ocr.charset import CharacterSet, read_character_set
from edge.ocr.classify import AngleClassifier
from edge.ocr.ctc import decode
from edge.ocr.detect import boxes_from_map, detection_input, probability_map
from edge.ocr.lines import line_batch
from edge.ocr.parameters import DetectionParameters
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Kind
from slim.zoo.pull import LocalModel

pytestmark = pytest.mark.shared
Exported = Callable[[str], Path]
Pulled = Callable[[str, Kind], LocalModel]

MOST = 1e-4
DET, CLS = "ch_ppocr_mobile_v2.0_det", "ch_ppocr_mobile_v2.0_cls"
REC, JAPAN = "ch_ppocr_mobile_v2.0_rec", "japan_mobile_v2.0_rec"
READABLE = {REC: ("ch", "en"), JAPAN: ("japan", "ch", "chinese_traditional")}
"""Folders with what stands in a model's dictionary."""


@pytest.fixture(scope="module")
def words(shared_dir: Path) -> Path:
    return shared_dir / "images" / "paddleocr_doc" / "imgs_words"


def crops(words: Path, *folders: str) -> list[Path]:
    found = sorted(file for folder in folders or ("*",) for file in words.glob(f"{folder}/*"))
    assert found
    return found


def onnx(shared_dir: Path, name: str, *, optimized: bool = True) -> OnnxEngine:
    return OnnxEngine(shared_dir / "reference_onnx" / f"{name}.onnx", optimized=optimized)


def characters(shared_dir: Path, name: str) -> CharacterSet:
    entry = find_entry(name)
    assert entry.dictionary is not None
    assert entry.classes is not None
    file = shared_dir / "dicts" / entry.dictionary.name
    return read_character_set(file, use_space=bool(entry.use_space_char), classes=entry.classes.count)


@pytest.mark.parametrize("name", [REC, JAPAN])
def test_a_recognizer_computes_what_onnx_computes(
    exported: Exported, shared_dir: Path, words: Path, name: str
) -> None:
    """On what it can read. On other scripts, where roundings tip it, about as exactly as ONNX itself.

    There the Japanese one, which is sure of nothing, differs in ONNX Runtime by up to 2.5e-4 from itself when
    optimizations are switched off.
    """
    ours, theirs, plain = (
        paddle_engine(exported(name)),
        onnx(shared_dir, name),
        onnx(shared_dir, name, optimized=False),
    )
    classes = characters(shared_dir, name)
    readable = crops(words, *READABLE[name])
    differences, noises = [], []
    for file in crops(words):
        tensor = line_input(file)
        mine, reference, same = (engine.run([tensor])[0] for engine in (ours, theirs, plain))
        differences.append(difference(mine, reference))
        noises.append(difference(reference, same))
        assert differences[-1] <= MOST or file not in readable, file
        assert decode(mine, classes, 1)[0].text == decode(reference, classes, 1)[0].text, file
    assert max(differences) <= max(MOST, 2 * max(noises))


PHOTOGRAPHS = ("imgs/00018069.jpg", "imgs/korean_1.jpg", "imgs_en/254.jpg")


@pytest.mark.parametrize("photograph", PHOTOGRAPHS)
def test_the_detector_computes_what_its_published_inference_model_and_onnx_compute(
    exported: Exported, pulled: Pulled, shared_dir: Path, photograph: str
) -> None:
    parameters = DetectionParameters(limit_side=480)
    page = picture(shared_dir / "images" / "paddleocr_doc" / photograph)
    tensor = detection_input(page, parameters)
    (mine,) = paddle_engine(exported(DET)).run([tensor])
    boxes = boxes_from_map(probability_map(mine), page.size, parameters)
    assert len(boxes) >= 3
    for reference in (paddle_engine(pulled(DET, Kind.INFERENCE).folder), onnx(shared_dir, DET)):
        (theirs,) = reference.run([tensor])
        assert difference(mine, theirs) <= MOST
        again = boxes_from_map(probability_map(theirs), page.size, parameters)
        assert len(again) == len(boxes)
        for box, other in zip(boxes, again, strict=True):
            assert np.abs(box.quad - other.quad).max() <= 1, "a pixel"


def test_the_classifier_computes_what_its_published_inference_model_and_onnx_compute(
    exported: Exported, pulled: Pulled, shared_dir: Path, words: Path
) -> None:
    mine = paddle_engine(exported(CLS))
    references = (paddle_engine(pulled(CLS, Kind.INFERENCE).folder), onnx(shared_dir, CLS))
    lines = [picture(file) for file in crops(words, "ch", "en", "japan", "korean", "french", "german")]
    turned = [line.rotate(180) for line in lines]
    tensor = line_batch([*lines, *turned], 48, 192)
    (output,) = mine.run([tensor])
    for reference in references:
        assert difference(output, reference.run([tensor])[0]) <= MOST
    angles = AngleClassifier(mine).classify([*lines, *turned])
    right = [angle.rotated == (place >= len(lines)) for place, angle in enumerate(angles)]
    assert sum(right) >= 0.8 * len(right)


def test_the_same_weights_give_the_same_bytes_that_name_nothing_of_this_machine(
    exported: Exported, pulled: Pulled, tmp_path: Path
) -> None:
    from slim.networks.checkpoint import checkpoint_file
    from slim.networks.from_checkpoint import export_checkpoint
    from slim.networks.plan import published_plan

    name = "french_mobile_v2.0_rec"
    export_checkpoint(
        checkpoint_file(pulled(name, Kind.TRAINED).folder), published_plan(find_entry(name)), False, tmp_path
    )
    for file in ("inference.pdmodel", "inference.pdiparams"):
        content = (tmp_path / file).read_bytes()
        assert content == (exported(name) / file).read_bytes()
        assert b".py" not in content
    assert {path.name for path in tmp_path.iterdir()} == {"inference.pdmodel", "inference.pdiparams"}
