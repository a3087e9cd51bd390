"""Plane projective maps: how a flat sheet looks to a camera."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

Matrix = npt.NDArray[np.float64]
"""A 3 x 3 homography that maps (x, y, 1); pixel coordinates count from the upper left corner of a pixel."""


def shift(x: float, y: float) -> Matrix:
    """A translation."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def scale(x: float, y: float) -> Matrix:
    """A change of size."""
    return np.diag([x, y, 1.0])


def turn(angle: float) -> Matrix:
    """A rotation by an angle in radians, clockwise on the screen."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], dtype=np.float64)


def tilt(width: float, height: float, x: float, y: float, shear: float) -> Matrix:
    """A view from the side: perspective and shear, with the middle of a sheet kept in its place.

    Args:
        width: Of the sheet, in pixels.
        height: Likewise.
        x: How much smaller the right edge looks than the left one, as a share.
        y: How much smaller the lower edge looks than the upper one.
        shear: Sideways shift per height.
    """
    view = np.array([[1, shear, 0], [0, 1, 0], [x / width, y / height, 1]], dtype=np.float64)
    middle = shift(width / 2, height / 2)
    return np.asarray(middle @ view @ np.linalg.inv(middle), np.float64)


def mapped(matrix: Matrix, points: npt.NDArray[np.generic]) -> Matrix:
    """Points (N, 2) as they come to lie."""
    lifted = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return np.asarray(lifted[:, :2] / lifted[:, 2:], np.float64)


def rectangle(left: float, top: float, right: float, bottom: float) -> Matrix:
    """The corners (4, 2) of an upright rectangle, clockwise from the top left."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)


def warped(image: Image.Image, matrix: Matrix, size: tuple[int, int]) -> Image.Image:
    """A picture under a map; what lies outside it comes out black."""
    inverse = np.linalg.inv(matrix)
    coefficients = (inverse / inverse[2, 2]).ravel()[:8].tolist()
    return image.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
