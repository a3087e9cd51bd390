"""The median with its interval."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_NORMAL_95 = 1.959964


def median_interval(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """The median, and the ends of its 95 % interval.

    The ends are the samples between which resampled medians fall 95 times out of 100. How resampled medians
    are distributed over sorted samples is known (binomially), so nothing is drawn.

    Args:
        values: At least one.
    """
    count = len(values)
    half = _NORMAL_95 * math.sqrt(count) / 2
    low, high = max(0, math.floor(count / 2 - half)), min(count - 1, math.ceil(count / 2 + half) - 1)
    parts = np.partition(values, sorted({low, high}))
    return float(np.median(values)), float(parts[low]), float(parts[high])
