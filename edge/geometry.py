"""Plane geometry of text regions: hulls, rectangles, polygons. Coordinates are (x, y) in pixels, y down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]


def convex_hull(points: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """The convex hull of a set of points.

    Andrew's monotone chain (A. M. Andrew, Information Processing Letters 9, 1979).

    Args:
        points: Array (N, 2), N >= 1.

    Returns:
        Float64 array (M, 2) of the hull's corners in order, without repetition; M is 1 for a single point
        and 2 where all points lie on one line.
    """
    return convex_hull_of_sorted(points[np.lexsort((points[:, 0], points[:, 1]))])


def convex_hull_of_sorted(points: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """As :func:`convex_hull`, for points that are already sorted by y, then by x."""
    ordered = points.tolist()
    upward = _half_hull(ordered)
    if len(upward) <= 1:
        return np.array(upward, dtype=np.float64)
    return np.array(upward[:-1] + _half_hull(ordered[::-1])[:-1], dtype=np.float64)


def _half_hull(ordered: Sequence[list[float]]) -> list[list[float]]:
    chain: list[list[float]] = []
    for point in ordered:
        x, y = point
        while len(chain) >= 2:
            (ax, ay), (bx, by) = chain[-2], chain[-1]
            if (bx - ax) * (y - ay) > (by - ay) * (x - ax):
                break
            chain.pop()
        if not chain or chain[-1] != point:
            chain.append(point)
    return chain


class Rectangle(NamedTuple):
    """A rectangle of any direction.

    Attributes:
        corners: Float32 array (4, 2), ordered by :func:`order_corners`.
        longer: Length of the longer side in pixels.
        shorter: Length of the shorter side in pixels.
    """

    corners: Points
    longer: float
    shorter: float


def min_area_rectangle(hull: npt.NDArray[np.generic]) -> Rectangle:
    """The rectangle of least area around a convex polygon.

    One side of it lies on an edge of the polygon (H. Freeman, R. Shapira, CACM 18, 1975), so every edge's
    direction is tried, all at once.

    Args:
        hull: Array (N, 2) with the corners of a convex polygon in order; a point or a segment will do.
    """
    corners = hull.astype(np.float64)
    edges = np.diff(corners, axis=0, append=corners[:1])
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    if not lengths.all():
        edges, lengths = edges[lengths > 0], lengths[lengths > 0]
        if len(edges) == 0:
            return Rectangle(np.repeat(corners[:1], 4, axis=0).astype(np.float32), 0.0, 0.0)
    x, y = edges.T / lengths
    # columns: first the coordinates along every edge, then those across it
    count = len(edges)
    projected = corners @ np.array([np.concatenate([x, -y]), np.concatenate([y, x])])
    low, high = projected.min(axis=0), projected.max(axis=0)
    spans = high - low
    best = int(np.argmin(spans[:count] * spans[count:]))
    ax, ay = float(x[best]), float(y[best])
    u0, u1 = float(low[best]), float(high[best])
    v0, v1 = float(low[best + count]), float(high[best + count])
    corner_list = [[ax * u - ay * v, ay * u + ax * v] for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))]
    sides = u1 - u0, v1 - v0
    return Rectangle(_ordered(corner_list), max(sides), min(sides))


def order_corners(quad: npt.NDArray[np.generic]) -> Points:
    """Sort four corners: top left, top right, bottom right, bottom left.

    The two leftmost corners make the left side, as PaddleOCR orders them (``get_mini_boxes`` in
    ``ppocr/postprocess/db_postprocess.py``), so a line that leans up to 45° keeps its reading direction.
    """
    return _ordered(quad.tolist())


def _ordered(corners: list[list[float]]) -> Points:
    a, b, c, d = sorted(corners, key=lambda corner: corner[0])
    left = (a, b) if b[1] > a[1] else (b, a)
    right = (c, d) if d[1] > c[1] else (d, c)
    return np.array([left[0], right[0], right[1], left[1]], dtype=np.float32)


def polygon_area(polygon: npt.NDArray[np.generic]) -> float:
    """Area of a simple polygon (N, 2) in square pixels (the shoelace formula), never negative."""
    x, y = polygon[:, 0].astype(np.float64), polygon[:, 1].astype(np.float64)
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def intersection_area(first: npt.NDArray[np.generic], second: npt.NDArray[np.generic]) -> float:
    """Area in square pixels that two polygons share; 0 where one has no area.

    Args:
        first: Array (N, 2), corners of a simple polygon in order, either way round.
        second: Array (M, 2), corners of a convex polygon, likewise.
    """
    if polygon_area(second) == 0:  # a single point has no sides, and would cut nothing off
        return 0.0
    return polygon_area(_clip(first.astype(np.float64), _counter_clockwise(second.astype(np.float64))))


def intersection_over_union(first: npt.NDArray[np.generic], second: npt.NDArray[np.generic]) -> float:
    """Overlap of two polygons: area of the intersection over area of the union, 0 to 1.

    Args:
        first: Array (N, 2), corners of a simple polygon in order, either way round.
        second: Array (M, 2), corners of a convex polygon, likewise.
    """
    common = intersection_area(first, second)
    union = polygon_area(first) + polygon_area(second) - common
    return common / union if union > 0 else 0.0


def _counter_clockwise(polygon: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    x, y = polygon[:, 0], polygon[:, 1]
    return polygon if float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) >= 0 else polygon[::-1]


def _clip(subject: npt.NDArray[np.float64], window: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Clip a polygon by a convex, counter-clockwise one (I. Sutherland, G. Hodgman, CACM 17, 1974)."""
    for start, end in zip(window, np.roll(window, -1, axis=0), strict=True):
        if len(subject) == 0:
            break
        edge = end - start
        side = edge[0] * (subject[:, 1] - start[1]) - edge[1] * (subject[:, 0] - start[0])
        kept: list[npt.NDArray[np.float64]] = []
        for i in range(len(subject)):
            j = i - 1
            if (side[i] >= 0) != (side[j] >= 0):
                t = side[j] / (side[j] - side[i])
                kept.append(subject[j] + t * (subject[i] - subject[j]))
            if side[i] >= 0:
                kept.append(subject[i])
        subject = np.array(kept).reshape(-1, 2)
    return subject
