"""What labels say about the pixels of a picture: here is text, here is none, or nothing.

Labels of photographs often enclose words where a detector finds lines, so nothing is said about a label's
surroundings: there, between two words of a line, both are right.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyclipper
from PIL import Image, ImageDraw

from edge.geometry import convex_hull, min_area_rectangle, polygon_area
from slim.data.labels import LabelledBox

NO_TEXT, TEXT, UNSAID = 0, 1, 2
_SHRINK: Final = 0.4
"""The r of a text kernel (M. Liao et al., Real-time Scene Text Detection with Differentiable Binarization,
AAAI 2020, section 3.4)."""
_LEAST_SIDE: Final = 8.0
"""Pixels; smaller text is not asked for (``MakeShrinkMap`` in PaddleOCR's
``ppocr/data/imaug/make_shrink_map.py``)."""
_FINER: Final = 16
"""Polygons are offset in whole numbers: so many to a pixel."""


def draw_truth(boxes: Iterable[LabelledBox], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Draw labelled regions.

    Args:
        boxes: The regions, in pixels of the picture; parts may lie outside.
        size: Width and height of the picture.

    Returns:
        uint8 (H, W) of :data:`TEXT` in the kernels of readable regions, :data:`UNSAID` around them and in
        what is too small or illegible, and :data:`NO_TEXT` elsewhere.
    """
    picture = Image.new("L", size, NO_TEXT)
    draw = ImageDraw.Draw(picture)
    kernels = []
    for box in boxes:
        around = polygon_area(box.quad) / max(_perimeter(box), 1e-6)
        for polygon in _offset(box, around):
            draw.polygon(polygon, fill=UNSAID)
        if box.care and min_area_rectangle(convex_hull(box.quad)).shorter >= _LEAST_SIDE:
            kernels += _offset(box, -around * (1 - _SHRINK**2))
    # last, because the surroundings of a neighbour reach into them
    for polygon in kernels:
        draw.polygon(polygon, fill=TEXT)
    return np.array(picture)


def _perimeter(box: LabelledBox) -> float:
    return float(np.linalg.norm(box.quad - np.roll(box.quad, -1, axis=0), axis=1).sum())


def _offset(box: LabelledBox, distance: float) -> list[list[tuple[float, float]]]:
    """Grow (or shrink, where negative) a region by a distance in pixels; nothing may be left of it."""
    offset = pyclipper.PyclipperOffset()
    path = np.round(box.quad * _FINER).astype(np.int64).tolist()
    if not pyclipper.Area(path):
        return []
    offset.AddPath(path, pyclipper.JT_MITER, pyclipper.ET_CLOSEDPOLYGON)
    found = offset.Execute(distance * _FINER)
    return [[(x / _FINER, y / _FINER) for x, y in polygon] for polygon in found]
