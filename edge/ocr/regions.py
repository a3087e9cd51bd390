"""Connected regions of a binary map, as the points their convex hulls need.

Works on runs (maximal horizontal stretches of set pixels) instead of pixels: a text map of 960x544 has a few
thousand runs, so labelling them is cheaper than labelling half a million pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

IntArray = npt.NDArray[np.int64]


class _Runs(NamedTuple):
    """Runs in row order: ``row``, first column ``start``, last column ``end`` (inclusive)."""

    row: IntArray
    start: IntArray
    end: IntArray


def region_outlines(bitmap: npt.NDArray[np.bool_]) -> list[IntArray]:
    """Find the 8-connected regions of a bitmap.

    Args:
        bitmap: Bool array (H, W).

    Returns:
        For every region an int64 array (2·rows, 2) of points (x, y): the leftmost and the rightmost pixel
        of each row it touches, sorted by y, then x. Their convex hull is the region's. Regions come in the
        order of their first pixel, row by row.
    """
    runs = _find_runs(bitmap)
    if len(runs.row) == 0:
        return []
    label = _connect(runs, bitmap.shape[1])
    # one group per (region, row): runs are already in row order, a stable sort by label keeps them
    order = np.argsort(label, kind="stable")
    label, row = label[order], runs.row[order]
    start, end = runs.start[order], runs.end[order]
    first = np.flatnonzero(np.diff(label, prepend=-1) | np.diff(row, prepend=-1))
    last = np.append(first[1:], len(row)) - 1
    # within a row runs come from left to right: the first starts leftmost, the last ends rightmost
    left = np.stack([start[first], row[first]], axis=1)
    right = np.stack([end[last], row[first]], axis=1)
    points = np.concatenate([left[:, None], right[:, None]], axis=1).reshape(-1, 2)
    borders = np.flatnonzero(np.diff(label[first])) + 1
    return np.split(points, borders * 2)


def _find_runs(bitmap: npt.NDArray[np.bool_]) -> _Runs:
    height, width = bitmap.shape
    # one flat row: a clear pixel before everything and after every row keeps runs apart
    flat = np.zeros(1 + height * (width + 1), dtype=np.bool_)
    flat[1:].reshape(height, width + 1)[:, :width] = bitmap
    steps = np.flatnonzero(flat[1:] != flat[:-1])
    # every run gives two steps, up to its first pixel and down from its last
    first, after = steps[0::2], steps[1::2]
    row = first // (width + 1)
    return _Runs(row, first - row * (width + 1), after - row * (width + 1) - 1)


def _connect(runs: _Runs, width: int) -> IntArray:
    """Label runs so that those that touch, corners included, share a label; labels follow first pixels."""
    stride = width + 2
    starts = runs.row * stride + runs.start
    ends = runs.row * stride + runs.end
    # runs of the next row that overlap [start - 1, end + 1]
    below_first = np.searchsorted(ends, (runs.row + 1) * stride + runs.start - 1, side="left")
    below_last = np.searchsorted(starts, (runs.row + 1) * stride + runs.end + 1, side="right")
    counts = np.maximum(below_last - below_first, 0)
    # compressed sparse rows: run i touches the runs below_first[i] … below_last[i] - 1
    ends_at = np.concatenate([[0], np.cumsum(counts)])
    touched = np.arange(ends_at[-1]) + np.repeat(below_first - ends_at[:-1], counts)
    graph = csr_matrix((np.ones(len(touched), dtype=np.int8), touched, ends_at), shape=(len(starts),) * 2)
    # every new label goes to the first run that has none yet
    label: IntArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return label
