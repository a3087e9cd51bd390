"""Batches for detectors: random parts of photographs, as the network will see them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from edge.ocr.normalize import Tensor, write_planes
from edge.ocr.parameters import DetectionParameters
from slim.training.pictures import Pictures


@dataclass(frozen=True)
class CropSettings:
    """How crops are drawn.

    Attributes:
        side: Of a crop in pixels; a multiple of 32.
        batch: Crops in a part of a batch.
        zoom: Least and largest enlargement against what detection makes of the whole picture.
        stretch: Largest change of the ratio of width to height.
    """

    side: int = 320
    batch: int = 4
    zoom: tuple[float, float] = (0.5, 1.4)
    stretch: float = 1.15


class PageCrops:
    """Parts of batches; each depends on seed, step and part alone.

    Args:
        pictures: At the size detection would resize them to.
        parameters: Mean and standard deviation of the network's input.
        settings: How crops are drawn.
        seed: Of the run.
    """

    def __init__(
        self, pictures: Pictures, parameters: DetectionParameters, settings: CropSettings, seed: int
    ) -> None:
        self._pictures, self._parameters, self._settings = pictures, parameters, settings
        self._seed = seed

    def __call__(self, step: int, part: int) -> Tensor:
        """Float32 (batch, 3, side, side), normalized."""
        rng = np.random.default_rng([self._seed, step, part])
        side = self._settings.side
        batch = np.empty((self._settings.batch, 3, side, side), dtype=np.float32)
        for row in batch:
            picture = self._pictures[int(rng.integers(len(self._pictures)))]
            write_planes(self._crop(picture, rng), self._parameters.mean, self._parameters.std, row)
        return batch

    def _crop(self, picture: Image.Image, rng: np.random.Generator) -> Image.Image:
        settings = self._settings
        low, high = settings.zoom
        zoom = math.exp(rng.uniform(math.log(low), math.log(high)))
        stretch = math.exp(rng.uniform(-1, 1) * math.log(settings.stretch))
        spans = []
        targets = []
        for size, enlarged in ((picture.width, zoom * stretch), (picture.height, zoom / stretch)):
            # of a picture smaller than the crop all is shown; the rest of the crop stays black
            shown = min(size, settings.side / enlarged)
            first = rng.uniform(0, size - shown)
            spans.append((first, first + shown))
            targets.append(min(settings.side, max(1, round(shown * enlarged))))
        (left, right), (top, bottom) = spans
        part = picture.resize(
            (targets[0], targets[1]), Image.Resampling.BILINEAR, box=(left, top, right, bottom)
        )
        part = vary_light(part, rng)
        if part.size == (settings.side, settings.side):
            return part
        whole = Image.new("RGB", (settings.side, settings.side))
        whole.paste(part, (0, 0))
        return whole


def vary_light(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Change brightness, contrast and colour a little, each in half of the cases."""
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        factor = float(rng.uniform(0.7, 1.3))
        if rng.random() < 0.5:
            picture = enhance(picture).enhance(factor)
    return picture
