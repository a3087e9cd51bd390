"""Plane geometry of text regions: hulls, rectangles, polygons. Coordinates are (x, y) in pixels, y down."""

from __future__ import annotations

from collections.abc import Sequence

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
    ordered = sorted(set(map(tuple, points.tolist())))
    if len(ordered) <= 2:
        return np.array(ordered, dtype=np.float64)
    lower = _half_hull(ordered)
    upper = _half_hull(ordered[::-1])
    return np.array(lower[:-1] + upper[:-1], dtype=np.float64)


def _half_hull(ordered: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    chain: list[tuple[float, float]] = []
    for x, y in ordered:
        while len(chain) >= 2:
            (ax, ay), (bx, by) = chain[-2], chain[-1]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain


def min_area_rectangle(hull: npt.NDArray[np.generic]) -> tuple[Points, float]:
    """The rectangle of least area around a convex polygon.

    One side of it lies on an edge of the polygon (H. Freeman, R. Shapira, CACM 18, 1975), so every edge's
    direction is tried, all at once.

    Args:
        hull: Array (N, 2) with the corners of a convex polygon in order; a point or a segment will do.

    Returns:
        The corners, float32 (4, 2), ordered by :func:`order_corners`; and the shorter side in pixels.
    """
    corners = hull.astype(np.float64)
    edges = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    edges, lengths = edges[lengths > 0], lengths[lengths > 0]
    if len(edges) == 0:
        return np.repeat(corners[:1], 4, axis=0).astype(np.float32), 0.0
    along = edges / lengths[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    u, v = corners @ along.T, corners @ across.T
    u0, u1, v0, v1 = u.min(axis=0), u.max(axis=0), v.min(axis=0), v.max(axis=0)
    best = int(np.argmin((u1 - u0) * (v1 - v0)))
    a, b = along[best], across[best]
    rectangle = np.stack(
        [
            a * u0[best] + b * v0[best],
            a * u1[best] + b * v0[best],
            a * u1[best] + b * v1[best],
            a * u0[best] + b * v1[best],
        ]
    )
    return order_corners(rectangle), float(min(u1[best] - u0[best], v1[best] - v0[best]))


def order_corners(quad: npt.NDArray[np.generic]) -> Points:
    """Sort four corners: top left, top right, bottom right, bottom left.

    The two leftmost corners make the left side, as PaddleOCR orders them (``get_mini_boxes`` in
    ``ppocr/postprocess/db_postprocess.py``), so a line that leans up to 45° keeps its reading direction.
    """
    a, b, c, d = sorted(quad.tolist(), key=lambda corner: corner[0])
    left = (a, b) if b[1] > a[1] else (b, a)
    right = (c, d) if d[1] > c[1] else (d, c)
    return np.array([left[0], right[0], right[1], left[1]], dtype=np.float32)


def polygon_area(polygon: npt.NDArray[np.generic]) -> float:
    """Area of a simple polygon (N, 2) in square pixels (the shoelace formula), never negative."""
    x, y = polygon[:, 0].astype(np.float64), polygon[:, 1].astype(np.float64)
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def perimeter(polygon: npt.NDArray[np.generic]) -> float:
    """Length of the closed outline of a polygon (N, 2) in pixels."""
    corners = polygon.astype(np.float64)
    sides = np.roll(corners, -1, axis=0) - corners
    return float(np.hypot(sides[:, 0], sides[:, 1]).sum())


def intersection_over_union(first: npt.NDArray[np.generic], second: npt.NDArray[np.generic]) -> float:
    """Overlap of two convex polygons: area of the intersection over area of the union, 0 to 1.

    Args:
        first: Array (N, 2), corners in order, either way round.
        second: Array (M, 2), likewise.
    """
    common = polygon_area(_clip(first.astype(np.float64), _counter_clockwise(second.astype(np.float64))))
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
