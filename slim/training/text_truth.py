"""Where labels say that text is: the kernels that a detector learns to find."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyclipper
from PIL import Image, ImageDraw

from edge.geometry import convex_hull, min_area_rectangle, polygon_area
from slim.data.labels import LabelledBox

_SHRINK: Final = 0.4
"""The r of a text kernel (M. Liao et al., Real-time Scene Text Detection with Differentiable Binarization,
AAAI 2020, section 3.4)."""
_LEAST_SIDE: Final = 8.0
"""Pixels; smaller text is not asked for (``MakeShrinkMap`` in PaddleOCR's
``ppocr/data/imaug/make_shrink_map.py``)."""
_FINER: Final = 16
"""Polygons are offset in whole numbers: so many to a pixel."""


def draw_kernels(boxes: Iterable[LabelledBox], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Draw the kernels of labelled regions that are readable and large enough.

    Args:
        boxes: The regions, in pixels of the picture; parts may lie outside.
        size: Width and height of the picture.

    Returns:
        uint8 (H, W): 1 in a kernel, else 0.
    """
    picture = Image.new("L", size)
    draw = ImageDraw.Draw(picture)
    for box in boxes:
        if box.care and min_area_rectangle(convex_hull(box.quad)).shorter >= _LEAST_SIDE:
            for polygon in _kernel(box):
                draw.polygon(polygon, fill=1)
    return np.array(picture)


def _kernel(box: LabelledBox) -> list[list[tuple[float, float]]]:
    """A region shrunk from all sides; in several pieces, or none, where that is all that is left."""
    path = np.round(box.quad * _FINER).astype(np.int64).tolist()
    if not pyclipper.Area(path):
        return []
    perimeter = float(np.linalg.norm(box.quad - np.roll(box.quad, -1, axis=0), axis=1).sum())
    distance = polygon_area(box.quad) * (1 - _SHRINK**2) / perimeter
    offset = pyclipper.PyclipperOffset()
    offset.AddPath(path, pyclipper.JT_MITER, pyclipper.ET_CLOSEDPOLYGON)
    return [[(x / _FINER, y / _FINER) for x, y in polygon] for polygon in offset.Execute(-distance * _FINER)]
