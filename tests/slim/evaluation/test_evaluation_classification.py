"""Every line is judged upright and turned, by probability and by the pipeline's threshold."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from edge.ocr.parameters import ClassificationParameters
from edge.predictor.protocol import Array
from edge.predictor.spec import InputSpec
from slim.data.labels import LabelledLine
from slim.evaluation import ClassificationEvaluation, evaluate_classification
from slim.evaluation.classification import AngleCase
from slim.reference import PaddlePredictor


def evaluation(*pairs: tuple[float, float], threshold: float = 0.9) -> ClassificationEvaluation:
    """Of lines to which 180° was given with these probabilities, as they are and turned."""
    cases = tuple(AngleCase(Path(f"{index}.png"), *pair) for index, pair in enumerate(pairs))
    return ClassificationEvaluation(cases, threshold)


def values(found: ClassificationEvaluation) -> dict[str, float]:
    return {name: round(measure.value, 3) for name, measure in found.measures().items()}


def test_by_probability_and_by_threshold() -> None:
    found = evaluation((0.0, 1.0), (0.3, 0.7), (0.6, 0.95), (0.95, 0.1))
    assert values(found) == {
        "accuracy": 62.5,  # 2, 2, 1 and 0 of two
        "accuracy_in_use": 62.5,  # 2, 1, 2 and 0
        "upright_kept": 75,
        "turned_found": 50,
    }
    assert found.measures()["accuracy"].count == 4, "lines are resampled, not judgements"
    assert values(evaluation((0.3, 0.7), threshold=0.5))["accuracy_in_use"] == 100


def test_a_probability_at_the_threshold_turns_nothing() -> None:
    assert values(evaluation((0.9, 0.9)))["upright_kept"] == 100
    assert values(evaluation((0.5, 0.5)))["accuracy"] == 50


def test_raw_results_as_json() -> None:
    written = json.loads(json.dumps(evaluation((0.25, 0.98)).to_json()))
    assert written["images"] == [{"image": "0.png", "upright": 0.25, "turned": 0.98}]


class BottomHeavy:
    """An angle network in this process: text stands upside down where more ink is above than below."""

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        ink = -np.asarray(inputs[0], dtype=np.float64).mean(axis=(1, 3))
        above, below = ink[:, :24].mean(axis=1), ink[:, 24:].mean(axis=1)
        upside_down = 1 / (1 + np.exp(20 * (below - above)))
        return [np.stack([1 - upside_down, upside_down], axis=1).astype(np.float32)]

    def close(self) -> None:
        raise AssertionError("whoever opened it closes it")


def test_the_turned_picture_is_the_same_turned(line: Callable[[str], Path]) -> None:
    """What the network gives for a line upright it gives for its mirror image turned."""
    images = [line("____"), line("""''''""")]
    found = evaluate_classification(BottomHeavy(), ClassificationParameters(), images)
    low, high = found.cases
    assert low.upright < 0.5 < low.turned
    assert high.upright > 0.5 > high.turned
    assert low.upright + low.turned == pytest.approx(1, abs=0.05)


@pytest.mark.embedded
def test_a_real_network(line: Callable[[str], Path], embedded_models: Path) -> None:
    texts = ["Total 48.50 EUR", "Reference seven", "Invoice number", "Delivery note"]
    images = [line(text) for text in texts]
    done: list[tuple[int, int]] = []
    with PaddlePredictor(
        embedded_models / "ch_ppocr_mobile_v2_cls_infer", [InputSpec((-1, 3, 48, 192))]
    ) as predictor:
        found = evaluate_classification(
            predictor,
            ClassificationParameters(),
            images * 17,
            progress=lambda *counts: done.append(counts),
        )
        labelled = [LabelledLine(image, "text") for image in images]
        again = evaluate_classification(predictor, ClassificationParameters(), labelled)
    assert done == [(64, 68), (68, 68)]
    assert all(case.upright < 0.5 < case.turned for case in found.cases)
    assert found.measures()["accuracy"].value == 100
    for one, other in zip(again.cases, found.cases, strict=False):
        assert (one.image, one.upright, one.turned) == pytest.approx(
            (other.image, other.upright, other.turned), abs=1e-5
        )
