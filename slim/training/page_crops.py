"""Batches for detectors: random parts of photographs, as the network will see them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance

from edge.ocr.normalize import Tensor, write_planes
from edge.ocr.parameters import DetectionParameters
from slim.data.labels import LabelledPage
from slim.training.pictures import Pictures


@dataclass(frozen=True)
class CropSettings:
    """How crops are drawn.

    Attributes:
        side: Of a crop in pixels; a multiple of 32.
        batch: Crops in a part of a batch.
        zoom: Least and largest enlargement against what detection makes of the whole picture.
        stretch: Largest change of the ratio of width to height.
        near_text: Share of the crops that are taken around a labelled region, where there are labels: most of
            a photograph is no text.
    """

    side: int = 320
    batch: int = 4
    zoom: tuple[float, float] = (0.5, 1.4)
    stretch: float = 1.15
    near_text: float = 0.7


class PageCrops:
    """Parts of batches; each depends on seed, step and part alone.

    Args:
        pages: Photographs; their labelled regions, if any, say where text is.
        parameters: How detection prepares its input: pictures are reduced as it would reduce them.
        settings: How crops are drawn.
        seed: Of the run.
    """

    def __init__(
        self,
        pages: Sequence[LabelledPage],
        parameters: DetectionParameters,
        settings: CropSettings,
        seed: int,
    ) -> None:
        self._pictures = Pictures([page.image for page in pages], parameters.limit_side)
        self._middles = [[box.quad.mean(axis=0) for box in page.boxes] for page in pages]
        self._parameters, self._settings, self._seed = parameters, settings, seed

    def __call__(self, step: int, part: int) -> Tensor:
        """Float32 (batch, 3, side, side), normalized."""
        rng = np.random.default_rng([self._seed, step, part])
        side = self._settings.side
        batch = np.empty((self._settings.batch, 3, side, side), dtype=np.float32)
        for row in batch:
            number = int(rng.integers(len(self._pictures)))
            write_planes(self._crop(number, rng), self._parameters.mean, self._parameters.std, row)
        return batch

    def _crop(self, number: int, rng: np.random.Generator) -> Image.Image:
        settings, picture = self._settings, self._pictures[number]
        low, high = settings.zoom
        zoom = math.exp(rng.uniform(math.log(low), math.log(high)))
        stretch = math.exp(rng.uniform(-1, 1) * math.log(settings.stretch))
        middle = self._text(number, rng)
        spans = []
        targets = []
        for axis, enlarged in ((0, zoom * stretch), (1, zoom / stretch)):
            size = picture.size[axis]
            # of a picture smaller than the crop all is shown; the rest of the crop stays black
            shown = min(size, settings.side / enlarged)
            first = rng.uniform(0, size - shown)
            if middle is not None:
                first = min(max(0.0, float(middle[axis]) - shown * rng.uniform(0.1, 0.9)), size - shown)
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

    def _text(self, number: int, rng: np.random.Generator) -> npt.NDArray[np.float32] | None:
        """The middle of a text region, in pixels of the reduced picture; None for anywhere."""
        middles = self._middles[number]
        if not middles or rng.random() >= self._settings.near_text:
            return None
        found: npt.NDArray[np.float32] = middles[int(rng.integers(len(middles)))]
        return found / np.float32(self._pictures.ratio(number))


def vary_light(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Change brightness, contrast and colour a little, each in half of the cases."""
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        factor = float(rng.uniform(0.7, 1.3))
        if rng.random() < 0.5:
            picture = enhance(picture).enhance(factor)
    return picture
