"""Figure 2: accuracy on labelled photographs and word crops, on x86 Paddle-Lite and on Paddle."""

from __future__ import annotations

from collections.abc import Mapping

from edge.ocr.parameters import DetectionParameters, RecognitionParameters
from slim.data.labels import read_recognition_labels
from slim.evaluation import Evaluation, evaluate_detection, evaluate_recognition
from tests.benchmarks.material import Material, Row, show

LIBRARIES = ("lite", "paddle")
POINTS = 0.2


def measure(material: Material) -> bool:
    """Recognition on 1000 word crops, detection on 80 photographs."""
    return _recognition(material) & _detection(material)


def _recognition(material: Material) -> bool:
    crops = read_recognition_labels(material.shared / "images" / "icdar2015" / "rec_evaluation.txt")
    characters = material.bundles["rec"].character_set()
    parameters = material.parameters(RecognitionParameters)
    found: dict[str, Evaluation] = {}
    for library in LIBRARIES:
        with material.predictor("rec", library) as predictor:
            found[library] = evaluate_recognition(predictor, characters, parameters, crops)
    labels = {
        "exact": "exact",
        "alphanumeric": "alphanumeric, case-insensitive",
        "cer": "character error rate",
    }
    return show("2a. recognition on rec_evaluation", [Row("word crops", len(crops)), *_rows(found, labels)])


def _detection(material: Material) -> bool:
    pages = material.labelled_photographs()
    parameters = material.parameters(DetectionParameters)
    found: dict[str, Evaluation] = {}
    for library in LIBRARIES:
        with material.predictor("det", library) as predictor:
            found[library] = evaluate_detection(predictor, parameters, pages)
    labels = {name: name for name in ("precision", "recall", "hmean")}
    title = "2b. detection on det_evaluation (IoU 0.5, longer side 960)"
    return show(title, [Row("photographs", len(pages)), *_rows(found, labels)])


def _rows(found: Mapping[str, Evaluation], labels: Mapping[str, str]) -> list[Row]:
    lite, paddle = (found[library].measures() for library in LIBRARIES)
    return [_compare(label, lite[name].value, paddle[name].value) for name, label in labels.items()]


def _compare(label: str, lite: float, paddle: float) -> Row:
    """A row for two shares in percent."""
    return Row(
        f"{label}: Lite / Paddle (within {POINTS} points)",
        f"{lite:.2f} % / {paddle:.2f} % ({lite - paddle:+.2f})",
        round(abs(lite - paddle), 9) <= POINTS,
    )
