"""Cutting a text line out of a picture and setting it level."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge.ocr.result import Quad

VERTICAL_RATIO = 1.5
"""A crop this many times taller than wide is taken for a vertical line and turned (as PaddleOCR does)."""


def crop_size(quad: Quad) -> tuple[int, int]:
    """Width and height in pixels of the level picture of a quadrilateral; at least 1 x 1."""
    a, b, c, d = quad.tolist()
    width = int(max(math.dist(a, b), math.dist(c, d)))
    height = int(max(math.dist(a, d), math.dist(b, c)))
    return max(1, width), max(1, height)


def is_vertical(quad: Quad) -> bool:
    """Whether a quadrilateral holds a vertical line, which :func:`crop_line` turns so that it lies."""
    width, height = crop_size(quad)
    return height >= VERTICAL_RATIO * width


def with_margin(quad: Quad, margin: float, size: tuple[int, int]) -> Quad:
    """A quadrilateral grown on all sides by a share of its height.

    Args:
        quad: Corners in pixels, clockwise from the text's top left.
        margin: Share of the shorter side, as in ``RecognitionParameters.margin``; the growth is a whole
            number of pixels, so that an upright box stays on pixels.
        size: Width and height of the picture, which the result does not leave.
    """
    distance = round(margin * min(crop_size(quad)))
    if distance == 0:
        return quad
    along, down = _direction(quad[1] - quad[0]), _direction(quad[3] - quad[0])
    grown = quad + distance * np.stack([-along - down, along - down, along + down, down - along])
    limit = np.array([size[0] - 1, size[1] - 1], dtype=np.float32)
    clipped: Quad = np.clip(grown, 0, limit).astype(np.float32)
    return clipped


def _direction(side: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    length = math.hypot(*side.tolist())
    return side if length == 0 else np.divide(side, length, dtype=np.float32)


def crop_line(picture: Image.Image, quad: Quad) -> Image.Image:
    """Cut a quadrilateral out of a picture by a perspective transform.

    Args:
        picture: RGB picture.
        quad: Corners in pixels of it, clockwise from the text's top left. What lies outside the picture
            comes out black.

    Returns:
        The level line; a vertical line is turned by 90° counter-clockwise, so that its second corner comes
        to the top left.
    """
    width, height = crop_size(quad)
    left, top = quad.min(axis=0).tolist()
    right, bottom = quad.max(axis=0).tolist()
    if _is_on_pixels(quad, left, top, right, bottom):
        crop = picture.crop((int(left), int(top), int(left) + width, int(top) + height))
    else:
        # The transform works on a small picture: a full-size one would be walked through with every line.
        # Two pixels around it serve the bicubic kernel.
        x0, y0 = _inside(left - 2, picture.width), _inside(top - 2, picture.height)
        x1, y1 = _inside(right + 2, picture.width) + 1, _inside(bottom + 2, picture.height) + 1
        window = picture.crop((x0, y0, x1, y1))
        crop = window.transform(
            (width, height),
            Image.Transform.PERSPECTIVE,
            _coefficients(quad - np.array([x0, y0], dtype=np.float32), width, height),
            Image.Resampling.BICUBIC,
        )
    return crop.transpose(Image.Transpose.ROTATE_90) if is_vertical(quad) else crop


def _is_on_pixels(quad: Quad, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether the level line is a part of the picture as it is, pixel by pixel."""
    level = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)
    whole = np.array_equal(quad, level) and bool((level == np.round(level)).all())
    return whole and right > left and bottom > top


def _inside(coordinate: float, size: int) -> int:
    """The pixel that holds a coordinate, or the nearest one of the picture."""
    return min(max(math.floor(coordinate), 0), size - 1)


def _coefficients(quad: Quad, width: int, height: int) -> tuple[float, ...]:
    """Pillow's eight coefficients that map the level rectangle onto the quadrilateral.

    (x, y) -> ((a·x + b·y + c) / (g·x + h·y + 1), (d·x + e·y + f) / (g·x + h·y + 1)): eight equations from
    four corners (P. Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989, section 2.2.3).
    Corners are pixel centres on both sides, as in OpenCV; Pillow counts from a pixel's corner: the halves.
    """
    level = [(0.5, 0.5), (width + 0.5, 0.5), (width + 0.5, height + 0.5), (0.5, height + 0.5)]
    matrix, target = np.zeros((8, 8)), np.zeros(8)
    for i, ((x, y), (u, v)) in enumerate(zip(level, (quad + 0.5).tolist(), strict=True)):
        matrix[2 * i] = x, y, 1, 0, 0, 0, -u * x, -u * y
        matrix[2 * i + 1] = 0, 0, 0, x, y, 1, -v * x, -v * y
        target[2 * i], target[2 * i + 1] = u, v
    solution: npt.NDArray[np.float64] = np.linalg.lstsq(matrix, target, rcond=None)[0]
    return tuple(solution.tolist())
