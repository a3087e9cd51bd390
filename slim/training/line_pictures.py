"""Batches for recognizers and classifiers: text lines of like width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from edge.ocr.lines import scaled_width
from slim.training.page_crops import vary_light
from slim.training.pictures import Pictures

_NEIGHBOURHOOD: Final = 0.04
"""Share of all lines that a batch is drawn from, by width."""


@dataclass(frozen=True)
class LineSettings:
    """How lines are drawn.

    Attributes:
        batch: Lines in a part of a batch.
        vary: Whether they are changed a little: cut, turned, blurred, lit otherwise.
    """

    batch: int = 16
    vary: bool = True


class LinePictures:
    """Parts of batches; each depends on seed, step and part alone.

    Args:
        paths: Line pictures.
        height: Of the network's input, in pixels.
        settings: How lines are drawn.
        seed: Of the run.
    """

    def __init__(self, paths: Sequence[Path], height: int, settings: LineSettings, seed: int) -> None:
        self._pictures = Pictures(paths)
        self._settings, self._seed = settings, seed
        widths = [scaled_width(self._pictures[index].size, height) for index in range(len(paths))]
        self._by_width = np.argsort(widths, kind="stable")

    def draw(self, step: int, part: int) -> tuple[list[Image.Image], list[int], np.random.Generator]:
        """Pictures, their numbers, and the generator for whatever else is drawn for them."""
        rng = np.random.default_rng([self._seed, step, part])
        count = len(self._by_width)
        span = min(count, max(self._settings.batch, int(count * _NEIGHBOURHOOD)))
        first = int(rng.integers(count - span + 1))
        chosen = self._by_width[first + rng.integers(span, size=self._settings.batch)]
        numbers = [int(one) for one in chosen]
        pictures = [self._pictures[one] for one in numbers]
        if self._settings.vary:
            pictures = [vary_line(one, rng) for one in pictures]
        return pictures, numbers, rng


def vary_line(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cut a line a little closer or wider, turn, blur and light it otherwise, each in some of the cases."""
    width, height = picture.size
    if rng.random() < 0.5:
        edge = height * rng.uniform(-0.06, 0.06, size=4)
        box = (edge[0], edge[1], width - edge[2], height - edge[3])
        angle = math.radians(float(rng.uniform(-1.5, 1.5)))
        picture = _cut(picture, box, angle)
    if rng.random() < 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 0.03 * height + 0.3))))
    picture = vary_light(picture, rng)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(2, 12), (picture.height, picture.width, 1))
        array = np.clip(np.asarray(picture, dtype=np.float32) + noise, 0, 255)
        picture = Image.fromarray(array.astype(np.uint8))
    return picture


def _cut(picture: Image.Image, box: tuple[float, float, float, float], angle: float) -> Image.Image:
    """A part of a picture, turned about its middle; what lies outside is the colour of the nearest edge."""
    left, top, right, bottom = box
    size = max(1, round(right - left)), max(1, round(bottom - top))
    border = math.ceil(0.1 * picture.height + 0.03 * picture.width) + 1
    padded = np.pad(np.asarray(picture), ((border, border), (border, border), (0, 0)), mode="edge")
    cos, sin = math.cos(angle), math.sin(angle)
    middle = (left + right) / 2 + border, (top + bottom) / 2 + border
    shift = (
        middle[0] - cos * size[0] / 2 + sin * size[1] / 2,
        middle[1] - sin * size[0] / 2 - cos * size[1] / 2,
    )
    coefficients = (cos, -sin, shift[0], sin, cos, shift[1])
    return Image.fromarray(padded).transform(
        size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
