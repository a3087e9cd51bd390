"""Figure 2: accuracy on labelled photographs and word crops, on x86 Paddle-Lite and on Paddle."""

from __future__ import annotations

from edge.ocr.image import load_image
from slim.data.labels import read_recognition_labels
from slim.metrics import DetectionScore, alphanumeric, character_error_rate, score_detection
from tests.benchmarks.material import Material, Row, show

CHUNK = 100
POINTS = 0.2


def measure(material: Material) -> bool:
    """Recognition on 1000 word crops, detection on 80 photographs."""
    folder = material.shared / "images" / "icdar2015"
    crops = read_recognition_labels(folder / "rec_evaluation.txt")
    truth = [crop.text for crop in crops]
    scores: dict[str, tuple[float, float, float]] = {}
    for library in ("lite", "paddle"):
        recognizer = material.recognizer(library)
        read: list[str] = []
        for first in range(0, len(crops), CHUNK):
            pictures = [load_image(crop.image).picture for crop in crops[first : first + CHUNK]]
            read += [line.text for line in recognizer.recognize(pictures)]
        recognizer.predictor.close()
        exact = sum(a == b for a, b in zip(read, truth, strict=True)) / len(truth)
        loose = sum(alphanumeric(a) == alphanumeric(b) for a, b in zip(read, truth, strict=True)) / len(truth)
        scores[library] = exact * 100, loose * 100, character_error_rate(read, truth) * 100
    rows = [Row("word crops", len(crops))]
    for index, label in enumerate(("exact", "alphanumeric, case-insensitive", "character error rate")):
        lite, paddle = scores["lite"][index], scores["paddle"][index]
        rows.append(_compare(label, lite, paddle))
    met = show("2a. recognition on rec_evaluation", rows)
    return _detection(material) and met


def _compare(label: str, lite: float, paddle: float) -> Row:
    """A row for two shares in percent."""
    return Row(
        f"{label}: Lite / Paddle (within {POINTS} points)",
        f"{lite:.2f} % / {paddle:.2f} % ({lite - paddle:+.2f})",
        round(abs(lite - paddle), 9) <= POINTS,
    )


def _detection(material: Material) -> bool:
    pages = material.labelled_photographs()
    totals: dict[str, DetectionScore] = {}
    for library in ("lite", "paddle"):
        detector = material.detector(library)
        total = DetectionScore()
        for page in pages:
            boxes = detector.detect(load_image(page.image).picture)
            total += score_detection([box.quad for box in boxes], page.boxes)
        detector.predictor.close()
        totals[library] = total
    rows = [Row("photographs", len(pages))]
    for name in ("precision", "recall", "hmean"):
        lite, paddle = (getattr(totals[library], name) * 100 for library in ("lite", "paddle"))
        rows.append(_compare(name, lite, paddle))
    return show("2b. detection on det_evaluation (IoU 0.5, longer side 960)", rows)
