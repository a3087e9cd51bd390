"""Detection is judged by the ICDAR 2015 protocol, on pictures whose truth is known and on real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.errors import ImageError
from edge.ocr.detect import TextDetector
from edge.ocr.image import load_image
from edge.ocr.parameters import DetectionParameters
from edge.predictor.spec import InputSpec
from slim.data.labels import LabelledPage, read_detection_labels
from slim.evaluation import DetectionEvaluation, evaluate_detection
from slim.metrics import DetectionScore, score_detection
from slim.reference import PaddlePredictor

PageMaker = Callable[..., LabelledPage]
# the map has the picture's size and is dark where text is: nothing is to be grown back
PLAIN = DetectionParameters(unclip_ratio=0.0)
A, B, C = (20, 20, 140, 40), (20, 80, 140, 100), (200, 20, 300, 40)


def values(evaluation: DetectionEvaluation) -> dict[str, float]:
    return {name: round(measure.value, 3) for name, measure in evaluation.measures().items()}


def test_what_is_found_missed_wrong_and_ignored(ink_detector: object, page: PageMaker) -> None:
    pages = [
        page("right.png", ink=[A, B], labels=[A, B]),
        page("missed.png", ink=[A], labels=[A, B]),
        page("wrong.png", ink=[A, B, C], labels=[A]),
        page("ignored.png", ink=[A, B], labels=[A, C], ignored=[B]),
        page("empty.png", ink=[]),
    ]
    done: list[tuple[int, int]] = []
    evaluation = evaluate_detection(
        ink_detector,  # type: ignore[arg-type]
        PLAIN,
        pages,
        progress=lambda *counts: done.append(counts),
    )
    assert [case.match.score for case in evaluation.cases] == [
        DetectionScore(2, 2, 2),
        DetectionScore(1, 1, 2),
        DetectionScore(1, 3, 1),
        DetectionScore(1, 1, 2),
        DetectionScore(0, 0, 0),
    ]
    # 5 found are right, 7 count, 7 are labelled
    assert values(evaluation) == {"hmean": 71.429, "precision": 71.429, "recall": 71.429}
    assert done == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert list(evaluation.images) == [page.image for page in pages]
    assert evaluation.counts.tolist()[2] == [1, 3, 1]


def test_matches_name_the_detections(ink_detector: object, page: PageMaker) -> None:
    one = page("page.png", ink=[A, B, C], labels=[C, (0, 120, 50, 150), A], ignored=[B])
    (case,) = evaluate_detection(ink_detector, PLAIN, [one]).cases  # type: ignore[arg-type]
    in_c, nothing, in_a, ignored = case.match.found_as
    assert (nothing, ignored) == (None, None)
    assert in_a is not None
    assert in_c is not None
    assert case.found[in_a].quad.mean(axis=0).tolist() == pytest.approx([80, 30], abs=2)
    assert case.found[in_c].quad.mean(axis=0).tolist() == pytest.approx([250, 30], abs=2)
    assert case.match.ignored == {3 - in_a - in_c}


def test_boxes_are_in_pixels_of_the_original(
    ink_detector: object, page: PageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = page("page.png", ink=[A], labels=[A])
    monkeypatch.setattr("edge.ocr.image.WORKING_PIXELS", 320 * 160 // 4)
    assert load_image(one.image).scale == (2, 2)
    evaluation = evaluate_detection(ink_detector, PLAIN, [one])  # type: ignore[arg-type]
    assert evaluation.cases[0].match.score == DetectionScore(1, 1, 1)


def test_raw_results_as_json(ink_detector: object, page: PageMaker) -> None:
    one = page("page.png", ink=[A, B], labels=[A, C], ignored=[B])
    evaluation = evaluate_detection(ink_detector, PLAIN, [one])  # type: ignore[arg-type]
    written = json.loads(json.dumps(evaluation.to_json()))
    assert written["measures"]["recall"]["value"] == 50
    (image,) = written["images"]
    assert (image["matched"], image["detected"], image["labelled"]) == (1, 1, 2)
    assert sorted(found["counts"] for found in image["found"]) == [False, True]
    assert image["found_as"][1:] == [None, None]
    assert np.array(image["found"][image["found_as"][0]]["quad"]).shape == (4, 2)


def test_a_picture_that_is_none_ends_it(ink_detector: object, page: PageMaker) -> None:
    broken = page("broken.png", ink=[A], labels=[A])
    broken.image.write_bytes(broken.image.read_bytes()[:60])
    with pytest.raises(ImageError, match=r"broken\.png"):
        evaluate_detection(ink_detector, PLAIN, [page("good.png", ink=[A]), broken])  # type: ignore[arg-type]


@pytest.mark.shared
@pytest.mark.embedded
def test_a_real_network_on_real_photographs(shared_dir: Path, embedded_models: Path) -> None:
    """The figures follow from what detector and protocol give, one by one."""
    pages = read_detection_labels(shared_dir / "images" / "icdar2015" / "det_evaluation.txt")[:3]
    parameters = DetectionParameters(limit_side=480)
    spec = InputSpec((1, 3, -1, -1), multiples=(1, 1, 32, 32))
    total = DetectionScore()
    with PaddlePredictor(embedded_models / "ch_PP-OCRv4_det_infer", [spec]) as predictor:
        evaluation = evaluate_detection(predictor, parameters, pages)
        detector = TextDetector(predictor, parameters)
        for page in pages:
            with Image.open(page.image) as picture:
                found = detector.detect(picture.convert("RGB"))
            total += score_detection([box.quad for box in found], page.boxes)
    measures = evaluation.measures()
    assert total.detected > 0
    assert measures["hmean"].value == pytest.approx(100 * total.hmean)
    assert measures["precision"].value == pytest.approx(100 * total.precision)
    assert measures["recall"].value == pytest.approx(100 * total.recall)
    for measure in measures.values():
        assert measure.low <= measure.value <= measure.high
