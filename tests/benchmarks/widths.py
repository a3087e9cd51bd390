"""How input widths of the recognizer are rounded up: accuracy against the number of predictors, on Paddle."""

from __future__ import annotations

import dataclasses
import time

from edge.ocr.image import load_image
from edge.ocr.recognize import group_by_width
from slim.data.labels import read_recognition_labels
from tests.benchmarks.material import Material, Row, show

STEPS = ((160, 320), (160, 160), (96, 96), (32, 32))


def measure(material: Material) -> bool:
    """Read 1000 word crops with several roundings."""
    crops = read_recognition_labels(material.shared / "images" / "icdar2015" / "rec_evaluation.txt")
    pictures = [load_image(crop.image).picture for crop in crops]
    recognizer = material.recognizer("paddle")
    own = recognizer.parameters
    rows: list[Row] = []
    for step, least in STEPS:
        recognizer.parameters = dataclasses.replace(own, width_step=step, min_width=least)
        start = time.perf_counter()
        read = recognizer.recognize(pictures)
        seconds = time.perf_counter() - start
        exact = sum(line.text == crop.text for line, crop in zip(read, crops, strict=True)) / len(crops)
        widths = len(group_by_width(pictures, recognizer.parameters))
        label = f"step {step}, least {least}{' (default)' if recognizer.parameters == own else ''}"
        rows.append(Row(label, f"{exact:.1%} exact, {widths} widths, {seconds:.1f} s"))
    recognizer.predictor.close()
    return show("widths. 1000 word crops by rounding of the input width", rows)
