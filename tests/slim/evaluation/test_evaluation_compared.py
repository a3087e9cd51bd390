"""Two networks on the same pictures: what is lost, how far they agree, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.ocr.parameters import DetectionParameters
from edge.ocr.result import TextBox
from edge.predictor.protocol import Array, Predictor
from slim.data.labels import LabelledBox, LabelledPage
from slim.evaluation import (
    ClassificationEvaluation,
    DetectionEvaluation,
    RecognitionEvaluation,
    agreement,
    evaluate_detection,
    label_pages,
    paired_loss,
    paired_losses,
)
from slim.evaluation.agreement import judged_by
from slim.evaluation.classification import AngleCase
from slim.evaluation.detection import PageCase
from slim.evaluation.recognition import LineCase
from slim.evaluation.worst import worst_angles, worst_lines, worst_pages

PLAIN = DetectionParameters(unclip_ratio=0.0)
A, B, C = (20, 20, 140, 40), (20, 80, 140, 100), (200, 20, 300, 40)


def read(
    *texts: str, truth: Sequence[str] = ("one", "two", "three", "four"), score: float = 0.9
) -> RecognitionEvaluation:
    """An evaluation of four lines that were read so."""
    return RecognitionEvaluation(
        tuple(
            LineCase(Path(f"{index}.png"), known, text, score)
            for index, (known, text) in enumerate(zip(truth, texts, strict=True))
        )
    )


def judged(*pairs: tuple[float, float]) -> ClassificationEvaluation:
    cases = tuple(AngleCase(Path(f"{index}.png"), *pair) for index, pair in enumerate(pairs))
    return ClassificationEvaluation(cases, 0.9)


def test_a_loss_is_positive_and_a_gain_negative() -> None:
    before, after = read("one", "two", "thre", "four"), read("one", "tow", "threee", "four")
    loss = paired_loss(before, after, "exact")
    assert (loss.value, loss.count, loss.unit) == (25, 4, "points")
    assert loss.low <= 0 < loss.high
    assert paired_loss(after, before, "exact").value == -25
    # of a rate of errors less is better: 3 edits after, 1 before, of 15 characters
    assert paired_loss(before, after, "cer").value == pytest.approx(100 * 2 / 15)
    assert paired_losses(before, after)["cer"] == paired_loss(before, after, "cer")
    assert set(paired_losses(before, after)) == {"exact", "alphanumeric", "cer"}


def test_the_interval_is_that_of_differences() -> None:
    """Networks that fail on the same images differ by nothing, however unsure each of them is."""
    both = read("one", "x", "three", "y")
    assert both.measures()["exact"].high - both.measures()["exact"].low > 50
    loss = paired_loss(both, read("one", "z", "three", "-"), "exact")
    assert (loss.low, loss.value, loss.high) == (0, 0, 0)


def test_what_cannot_be_compared() -> None:
    four = read("one", "two", "three", "four")
    other = RecognitionEvaluation(tuple(replace(case, image=Path("x") / case.image) for case in four.cases))
    for what in (RecognitionEvaluation(four.cases[:3]), RecognitionEvaluation(four.cases[::-1]), other):
        with pytest.raises(ValueError, match="not of the same images"):
            paired_loss(four, what, "exact")
        with pytest.raises(ValueError, match="not of the same images"):
            agreement(four, what)
    with pytest.raises(ValueError, match="cannot be compared"):
        paired_loss(four, judged((0, 1)), "exact")  # type: ignore[type-var]
    with pytest.raises(KeyError):
        paired_loss(four, four, "hmean")


def test_readings_agree_whatever_the_truth() -> None:
    first, second = read("one", "tow", "", "four"), read("one", "tow", "three", "fuor")
    assert agreement(first, second).value == 50
    assert agreement(first, first).value == 100
    assert judged_by(first, second).cases[3].text == "four"  # type: ignore[attr-defined]


def test_lines_that_the_pipeline_drops_agree() -> None:
    doubtful, other = read("one", "x", "", "four", score=0.4), read("one", "y", "z", "four", score=0.49)
    assert agreement(doubtful, other).value == 100
    # kept by one of them, or by both
    for sure, unsure in (
        (read("a", "b", "c", "d"), doubtful),
        (doubtful, read("a", "b", "c", "d", score=0.5)),
    ):
        assert agreement(sure, unsure).value == 0


def test_decisions_agree_whatever_the_truth() -> None:
    first = judged((0.95, 0.95), (0.1, 0.2))
    # by the threshold of 0.9, not by the odds
    assert agreement(first, judged((0.99, 0.91), (0.6, 0.95))).value == 75
    assert agreement(first, first).value == 100


class Partly(Predictor):
    """A network that is blind in a part of its input: columns from ``column`` on."""

    def __init__(self, network: Predictor, column: int) -> None:
        self._network, self._column = network, column

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        (output,) = self._network.run(inputs)
        output[..., self._column :] = 0
        return [output]

    def close(self) -> None:
        self._network.close()


def test_boxes_agree_whatever_the_labels(ink_detector: Predictor, page: Callable[..., LabelledPage]) -> None:
    pages = [page("a.png", ink=[A, B, C], labels=[A]), page("b.png", ink=[A], ignored=[A])]
    whole = evaluate_detection(ink_detector, PLAIN, pages)
    half = evaluate_detection(Partly(ink_detector, 160), PLAIN, pages)
    assert agreement(whole, whole).value == 100
    # 3 of 4 boxes found, none too many
    assert agreement(whole, half).value == pytest.approx(200 * 3 / 7)
    truth = label_pages(ink_detector, PLAIN, [one.image for one in pages])
    assert [len(one.boxes) for one in truth] == [3, 1]
    direct = evaluate_detection(Partly(ink_detector, 160), PLAIN, truth).measures()["hmean"]
    assert direct == agreement(whole, half)


def detected(*numbers: tuple[int, int]) -> DetectionEvaluation:
    """Photographs with so many labelled boxes, of which so many were found; each number 100 pixels apart."""

    def quad(place: int) -> np.ndarray:
        return np.array([[0, 0], [50, 0], [50, 10], [0, 10]], np.float32) + np.array(
            [0, 100 * place], np.float32
        )

    return DetectionEvaluation(
        tuple(
            PageCase(
                Path(f"{index}.png"),
                tuple(LabelledBox(quad(place), "t", care=True) for place in range(labelled)),
                tuple(TextBox(quad(place), 0.9) for place in range(found)),
            )
            for index, (labelled, found) in enumerate(numbers)
        )
    )


def names(cases: Sequence[tuple[PageCase | LineCase, object]]) -> list[str]:
    return [case.image.name for case, _ in cases]


def test_the_worst_photographs() -> None:
    after = detected((3, 3), (3, 1), (5, 0), (2, 6))
    assert names(worst_pages(after, None)) == ["2.png", "3.png", "1.png"]
    # where most was lost: 3 of 3 before; photograph 2 was as bad before, 3 worse
    before = detected((3, 3), (3, 3), (5, 0), (2, 9))
    assert names(worst_pages(after, before)) == ["1.png"]
    assert worst_pages(after, before)[0][1] == before.cases[1]


def test_the_worst_lines() -> None:
    after = read("one", "", "three!", "fxxx")
    assert names(worst_lines(after, None)) == ["1.png", "3.png", "2.png"]
    before = read("xyz", "two", "three!", "fxxr")
    assert names(worst_lines(after, before)) == ["1.png", "3.png"]


def test_the_surest_of_equally_wrong_lines_come_first() -> None:
    cases = read("xyz", "two", "three", "abcd", truth=("one", "two", "three", "defg")).cases
    sure = RecognitionEvaluation((cases[0], replace(cases[0], image=Path("sure.png"), score=0.99)))
    assert names(worst_lines(sure, None)) == ["sure.png", "0.png"]


def test_the_worst_angles() -> None:
    after = judged((0.95, 1), (0.1, 0.3), (0.99, 0.95), (0.1, 0.95))
    assert [(one.case.image.name, one.turned) for one in worst_angles(after, None)] == [
        ("2.png", False),
        ("0.png", False),
        ("1.png", True),
    ]
    # what was wrong before is not lost
    before = judged((0.92, 1), (0.1, 0.95), (0.2, 0.95), (0.1, 0.95))
    lost = worst_angles(after, before)
    assert [(one.case.image.name, one.turned) for one in lost] == [("2.png", False), ("1.png", True)]
    assert lost[0].before == before.cases[2]
