"""Where the input of a layer is clipped when it is quantized to 8 bits with a sign.

A low threshold makes the steps fine and cuts off what is large; each method weighs that in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from slim.quantization.histogram import Histogram

LEVELS: Final = 127
_CANDIDATES: Final = 128
_NOT_TOLD: Final = 20.0
"""Price of what the quantized distribution says cannot be, where the divergence would be infinite."""


def abs_max(histogram: Histogram) -> float:
    """The largest magnitude: nothing is clipped."""
    return max(histogram.largest, default=0.0)


def average(histogram: Histogram) -> float:
    """The mean of the pictures' largest magnitudes."""
    return float(np.mean(histogram.largest)) if histogram.largest else 0.0


def percentile(histogram: Histogram, share: float) -> float:
    """The magnitude that a share of all numbers that are not 0 stays below."""
    counts = histogram.used()
    if not len(counts):
        return 0.0
    reached = np.searchsorted(np.cumsum(counts), share * counts.sum())
    return min(float((reached + 1) * histogram.width), abs_max(histogram))


def least_squares(histogram: Histogram) -> float:
    """The threshold with the least squared error, rounding and clipping together."""
    counts = histogram.used()
    if not len(counts):
        return 0.0
    centers = (np.arange(len(counts)) + 0.5) * histogram.width
    candidates = abs_max(histogram) * np.arange(1, _CANDIDATES + 1) / _CANDIDATES
    over = np.maximum(centers[None, :] - candidates[:, None], 0.0)
    rounding = (candidates / LEVELS) ** 2 / 12
    errors = (np.where(over > 0, over**2, rounding[:, None]) * counts).sum(axis=1)
    return float(candidates[np.argmin(errors)])


def divergence(histogram: Histogram) -> float:
    """The threshold after which the distribution tells most of the original (Kullback and Leibler).

    Migacz, "8-bit inference with TensorRT", 2017; as in Paddle not less than half of the largest magnitude:
    small networks lose too much below.
    """
    counts = histogram.used()
    if len(counts) <= LEVELS + 1:
        return abs_max(histogram)
    best, threshold = np.inf, abs_max(histogram)
    tail = np.cumsum(counts[::-1])[::-1]
    for size in np.unique(
        np.linspace(max(LEVELS + 1, len(counts) // 2), len(counts), _CANDIDATES).astype(int)
    ):
        kept = counts[:size]
        reference = kept.copy()
        if size < len(counts):
            reference[-1] += tail[size]
        group = np.arange(size) * (LEVELS + 1) // size
        occupied = kept > 0
        mean = np.bincount(group, kept) / np.maximum(np.bincount(group, occupied), 1)
        simulated = np.where(occupied, mean[group], 0.0)
        both = (reference > 0) & (simulated > 0)
        if not both.any():
            continue
        ours, theirs = reference / reference.sum(), simulated / simulated.sum()
        lost = float((ours[both] * np.log(ours[both] / theirs[both])).sum())
        lost += float(ours[(reference > 0) & (simulated == 0)].sum()) * _NOT_TOLD
        if lost < best:
            best, threshold = lost, float(size * histogram.width)
    return min(threshold, abs_max(histogram))


METHODS: Final[Mapping[str, Callable[[Histogram, float], float]]] = MappingProxyType(
    {
        "abs_max": lambda histogram, _: abs_max(histogram),
        "avg": lambda histogram, _: average(histogram),
        "hist": percentile,
        "mse": lambda histogram, _: least_squares(histogram),
        "kl": lambda histogram, _: divergence(histogram),
    }
)
"""By their names in recipes; called with a histogram and the share of ``hist``."""
