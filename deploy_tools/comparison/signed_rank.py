"""The middle of a few numbers that lie about it on both sides alike, with its interval.

The middle is the median of the means of all pairs (J. L. Hodges and E. L. Lehmann, "Estimates of location
based on rank tests", Annals of Mathematical Statistics 34, 1963), its interval what Wilcoxon's signed-rank
test does not refuse. Heavy tails do it little harm, and it needs a third fewer numbers than a median for the
same interval.

The test takes numbers for independent. Those that follow one another may resemble each other all the same; so
its variance is multiplied by what the correlations of the signed ranks make of it, from the first on as long
as they are more than chance makes. Few numbers are correlated by chance alone; so much is subtracted.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from deploy_tools.comparison.quantile import FloatArray, critical

_CHANCE: Final = 3.5
"""Divided by the count: this much of a correlation does not count. Of 12 numbers it is one standard error."""


def middle_interval(values: FloatArray, confidence: float = 0.95) -> tuple[float, float, float]:
    """The middle, and the ends of its interval; infinite where there are too few numbers.

    Args:
        values: Float64, one to some thousand, in the order they were taken.
        confidence: Of the interval.
    """
    count = len(values)
    first, second = np.triu_indices(count)
    means = np.sort((values[first] + values[second]) / 2)
    middle = float(np.median(means))
    variance = count * (count + 1) * (2 * count + 1) / 24 * _inflation(values - middle)
    reach = critical(confidence, math.inf) * math.sqrt(variance)
    low, high = (len(means) / 2 + sign * reach - 0.5 for sign in (-1, 1))
    if low < 0:
        return middle, -math.inf, math.inf
    places = np.arange(len(means))
    return middle, float(np.interp(low, places, means)), float(np.interp(high, places, means))


def _inflation(deviations: FloatArray) -> float:
    """How many times as large the variance is as that of independent numbers: 1 or more."""
    count = len(deviations)
    ranks = np.sign(deviations) * _ranks(np.abs(deviations))
    squares = float((ranks**2).sum())
    if not squares:
        return 1.0
    inflation = 1.0
    for lag in range(1, max(2, count // 4)):
        correlation = float((ranks[:-lag] * ranks[lag:]).sum()) / squares
        if correlation < 1 / math.sqrt(count):
            break
        inflation += 2 * max(0.0, correlation - _CHANCE / count)
    return inflation


def _ranks(values: FloatArray) -> FloatArray:
    """From 1 for the smallest; equal ones have the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places], np.float64)
