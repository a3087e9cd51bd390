"""Angle classification: what the network's two probabilities mean, and the real network."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from edge.errors import TensorError
from edge.ocr.classify import BATCH, angles_from
from edge.ocr.parameters import ClassificationParameters
from edge.ocr.pipeline import OCR


def line(text: str, width: int = 300, height: int = 48) -> Image.Image:
    picture = Image.new("RGB", (width, height), (250, 248, 240))
    font = ImageFont.load_default(round(height * 0.7))
    ImageDraw.Draw(picture).text((8, height // 2), text, fill=(20, 20, 30), font=font, anchor="lm")
    return picture


def upside_down(picture: Image.Image) -> Image.Image:
    return picture.transpose(Image.Transpose.ROTATE_180)


@pytest.mark.parametrize(
    ("probability", "threshold", "rotated"),
    [(0.95, 0.9, True), (0.9, 0.9, False), (0.6, 0.9, False), (0.6, 0.5, True), (0.02, 0.9, False)],
)
def test_only_the_sure_are_turned(probability: float, threshold: float, rotated: bool) -> None:
    (angle,) = angles_from(
        np.array([[1 - probability, probability]]), ClassificationParameters(threshold=threshold), 1
    )
    assert angle.rotated == rotated
    assert angle.score == pytest.approx(max(probability, 1 - probability))


@pytest.mark.parametrize("shape", [(2,), (1, 3), (1, 2, 1), (1, 1, 32, 32), (1, 40, 97)])
def test_outputs_of_other_networks_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(
        TensorError, match=r"^classification output: has shape .*; use an angle model: \(N, 2\)$"
    ):
        angles_from(np.zeros(shape, np.float32), ClassificationParameters(), 1)


def test_no_lines() -> None:
    assert angles_from(np.zeros((0, 2), np.float32), ClassificationParameters(), 0) == []


@pytest.mark.parametrize(("lines", "batch"), [(2, 1), (1, 2), (8, 0)])
def test_outputs_for_other_lines_are_refused(lines: int, batch: int) -> None:
    with pytest.raises(
        TensorError, match=rf"^classification output: has shape \({batch}, 2\) for a batch of {lines}; "
    ):
        angles_from(np.zeros((batch, 2), np.float32), ClassificationParameters(), lines)


@pytest.mark.embedded
def test_the_real_network_tells_upside_down_lines(ocr: OCR) -> None:
    assert ocr.classifier is not None
    upright = [
        line("Total 48.50 EUR"),
        line("Paddle-Lite", 220),
        line("Harbour & Finch", 640, 40),
        line("DN-2024", 150),
    ]
    pictures = [*upright, *map(upside_down, upright)] * 2
    assert len(pictures) > BATCH
    angles = ocr.classifier.classify(pictures)
    assert [angle.rotated for angle in angles] == ([False] * 4 + [True] * 4) * 2
    assert all(angle.score > 0.9 for angle in angles)
    # neither its batch nor its place in it changes what is said of a line
    assert angles[:8] == angles[8:]
    assert [ocr.classifier.classify([picture])[0] for picture in pictures[:8]] == angles[:8]


@pytest.mark.embedded
def test_nothing_to_classify(ocr: OCR) -> None:
    assert ocr.classifier is not None
    assert ocr.classifier.classify([]) == []
