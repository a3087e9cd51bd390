"""Reading order: rows from top to bottom, within a row from left to right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.ocr.result import Quad


def reading_order(quads: Sequence[Quad]) -> list[int]:
    """Sort boxes as a person reads them.

    A row starts with the topmost box that is left. Those below belong to it as long as their centre, measured
    across the page's lean, differs from that of the row's first box by less than half of the smaller height.
    A tall box beside several rows thus stands in the one at its middle, or in a row of its own. The order of
    ``quads`` makes no difference.

    Args:
        quads: Boxes, corners clockwise from the text's top left.

    Returns:
        Indices into ``quads``.
    """
    if not quads:
        return []
    corners = np.stack(quads).astype(np.float64)
    centre = corners.mean(axis=1)
    width = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    height = np.maximum(1.0, np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1))
    # along the page's lean a row is level: y is taken across the median direction of the boxes
    level = centre[:, 1] - centre[:, 0] * _slope(corners)
    rows: list[list[int]] = []
    # from the top; the other keys decide between boxes of one level, whatever their order was
    for index in np.lexsort((width, height, centre[:, 0], level)).tolist():
        row = rows[-1] if rows else []
        if row and level[index] - level[row[0]] < 0.5 * min(height[index], height[row[0]]):
            row.append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: centre[i, 0])]


def _slope(corners: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Median slope (dy/dx) of the boxes that are at least twice as wide as high; 0 where there are none."""
    direction = corners[:, 1] - corners[:, 0]
    wide = np.linalg.norm(direction, axis=1) > 2 * np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    wide &= direction[:, 0] > 0
    if not wide.any():
        return 0.0
    return float(np.median(direction[wide, 1] / direction[wide, 0]))
