"""Reading is judged line by line; every measure follows from what was read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from edge.bundle.bundle import Bundle
from edge.ocr.parameters import RecognitionParameters
from slim.data.labels import LabelledLine
from slim.evaluation import RecognitionEvaluation, evaluate_recognition
from slim.evaluation.recognition import CHUNK, LineCase
from slim.reference import PaddlePredictor


def evaluation(*pairs: tuple[str, str]) -> RecognitionEvaluation:
    """Of lines with these texts, read so."""
    return RecognitionEvaluation(
        tuple(LineCase(Path(f"{index}.png"), text, read, 0.9) for index, (text, read) in enumerate(pairs))
    )


def values(found: RecognitionEvaluation) -> dict[str, float]:
    return {name: round(measure.value, 3) for name, measure in found.measures().items()}


@pytest.mark.parametrize(
    ("pairs", "exact", "alphanumeric", "cer"),
    [
        ([("Total", "Total"), ("12.50", "12.50")], 100, 100, 0),
        # 1 edit of 10 characters; punctuation and case do not matter to the second measure
        ([("Total", "total"), ("12.50", "12.50")], 50, 100, 10),
        ([("12.50", "12,50"), ("Cafe", "Caf")], 0, 50, 22.222),
        ([("ab", "")], 0, 0, 100),
        # more may be read than stands there
        ([("a", "xyz")], 0, 0, 300),
        # the rate is of all characters: a long line weighs more
        ([("a", "b"), ("123456789", "123456789")], 50, 50, 10),
    ],
)
def test_measures(pairs: list[tuple[str, str]], exact: float, alphanumeric: float, cer: float) -> None:
    assert values(evaluation(*pairs)) == {"exact": exact, "alphanumeric": alphanumeric, "cer": cer}


def test_raw_results_as_json() -> None:
    written = json.loads(json.dumps(evaluation(("单位", "单立"), ("a", "a")).to_json(), ensure_ascii=False))
    assert written["measures"]["exact"]["value"] == 50
    assert written["images"][0] == {
        "image": "0.png",
        "text": "单位",
        "read": "单立",
        "score": 0.9,
        "edits": 1,
    }


@pytest.mark.embedded
def test_a_real_network_reads(
    line: Callable[[str], Path], embedded_models: Path, default_bundles: Mapping[str, Bundle]
) -> None:
    texts = ["Total 48.50", "Reference 7", "Edge", "Invoice number 2026"]
    lines = [
        LabelledLine(line(text), f" {text} ") for text in texts
    ]  # white space around it is none of the text
    lines.append(LabelledLine(lines[0].image, "Something else"))
    parameters = default_bundles["rec"].manifest.parameters
    assert isinstance(parameters, RecognitionParameters)
    done: list[tuple[int, int]] = []
    with PaddlePredictor(
        embedded_models / "ch_PP-OCRv4_rec_infer", [default_bundles["rec"].manifest.input]
    ) as predictor:
        characters = default_bundles["rec"].character_set()
        found = evaluate_recognition(
            predictor,
            characters,
            parameters,
            lines * (CHUNK // 5 + 1),
            progress=lambda *counts: done.append(counts),
        )
    assert done == [(64, 65), (65, 65)]
    assert [case.read for case in found.cases] == [*texts, texts[0]] * 13
    assert all(0.8 < case.score <= 1 for case in found.cases)
    measures = found.measures()
    assert measures["exact"].value == pytest.approx(80)
    assert measures["exact"].count == 65
    assert measures["exact"].low < 75 < 85 < measures["exact"].high
