"""Networks that need no weights, and pictures whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from edge.predictor.protocol import Array
from slim.data.labels import LabelledBox, LabelledPage

Corners = tuple[int, int, int, int]


class InkDetector:
    """A detection network in this process: dark is text. Takes (1, 3, H, W), gives (1, 1, H, W)."""

    def __init__(self) -> None:
        self.runs = 0

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        self.runs += 1
        return [(inputs[0].mean(axis=1, keepdims=True) < 0).astype(np.float32)]

    def close(self) -> None:
        raise AssertionError("whoever opened it closes it")


@pytest.fixture
def ink_detector() -> InkDetector:
    return InkDetector()


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., LabelledPage]:
    """``page(name, ink, labels, ignored)``: black rectangles on white, and what is said of them."""

    def make(
        name: str, ink: Sequence[Corners], labels: Sequence[Corners] = (), ignored: Sequence[Corners] = ()
    ) -> LabelledPage:
        picture = Image.new("RGB", (320, 160), "white")
        for corners in ink:
            ImageDraw.Draw(picture).rectangle(corners, fill="black")
        picture.save(tmp_path / name)
        boxes = [LabelledBox(_quad(corners), "text", care=True) for corners in labels]
        boxes += [LabelledBox(_quad(corners), "###", care=False) for corners in ignored]
        return LabelledPage(tmp_path / name, tuple(boxes))

    return make


@pytest.fixture
def line(tmp_path: Path) -> Callable[[str], Path]:
    """``line(text)``: a picture of a line with this text."""

    def make(text: str) -> Path:
        font = ImageFont.load_default(30)
        picture = Image.new("RGB", (round(font.getlength(text)) + 24, 48), "white")
        ImageDraw.Draw(picture).text((12, 6), text, fill="black", font=font)
        path = tmp_path / f"{text.replace(' ', '_')}.png"
        picture.save(path)
        return path

    return make


def _quad(corners: Corners) -> np.ndarray:
    x0, y0, x1, y1 = corners
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
