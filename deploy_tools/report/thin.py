"""Thinning out: a hundred thousand samples are drawn as some hundred spans, and the page says so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spans:
    """Samples by spans that hold equally many, but for the last. All arrays have a value per span.

    Attributes:
        begin: When the first sample of a span began.
        end: When its last one began.
        median: Of its samples.
        least: Smallest sample, or the smallest of those in the middle.
        most: Largest sample, or the largest of those in the middle.
        count: Samples in it.
    """

    begin: Values
    end: Values
    median: Values
    least: Values
    most: Values
    count: npt.NDArray[np.int64]

    @property
    def middle(self) -> Values:
        """Between beginning and end."""
        middle: Values = (self.begin + self.end) / 2
        return middle


def spans(at: Values, values: Values, most: int, *, middle: float = 1.0) -> Spans:
    """Samples in spans.

    Args:
        at: When each sample began, ascending.
        values: The samples; at least one.
        most: Largest number of spans.
        middle: Share of a span's samples that are between ``least`` and ``most``.
    """
    size = -(-len(values) // most)
    whole = len(values) // size * size
    parts = [_rows(at[:whole].reshape(-1, size), values[:whole].reshape(-1, size), middle)]
    if whole < len(values):
        parts.append(_rows(at[None, whole:], values[None, whole:], middle))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    counts = np.full(len(columns[0]), size, np.int64)
    counts[-1] = len(values) - size * (len(counts) - 1)
    return Spans(columns[0], columns[1], columns[2], columns[3], columns[4], counts)


def spread_out(length: int, most: int) -> npt.NDArray[np.int64]:
    """Places of at most so many of a sequence's items, evenly spread, with the first and the last."""
    if length <= most:
        return np.arange(length)
    places: npt.NDArray[np.int64] = np.unique(np.rint(np.linspace(0, length - 1, most)).astype(np.int64))
    return places


def _rows(at: Values, values: Values, middle: float) -> tuple[Values, Values, Values, Values, Values]:
    outside = (1 - middle) / 2
    if outside > 0:
        least, median, most = np.quantile(values, (outside, 0.5, 1 - outside), axis=1)
    else:
        least, median, most = values.min(axis=1), np.median(values, axis=1), values.max(axis=1)
    return at[:, 0], at[:, -1], median, least, most
