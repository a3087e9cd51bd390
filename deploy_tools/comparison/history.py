"""How much runs of the same case on the same device differed before."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from deploy_tools.comparison.quantile import critical

FEWEST: Final = 6
"""Runs, below which nothing is said."""
_SIGMA: Final = 1.4826  # standard deviations in a median absolute deviation of normal numbers


def spread_of_runs(medians: Iterable[tuple[str, str, float | None]]) -> Mapping[tuple[str, str], float]:
    """Standard deviation of a run's median from what it is usually, as a share.

    From how each run differs from the one before it. What changed once, as a new model does, is one
    difference among many, and the median of them does not see it. Few runs know it badly: Student's t makes
    up for how few there are.

    Args:
        medians: Device, key of the case, and median of each run in ms, in the order of the runs.

    Returns:
        By device and key of the case; nothing of cases with fewer than `FEWEST` runs.
    """
    logarithms: dict[tuple[str, str], list[float]] = defaultdict(list)
    for device, case, median in medians:
        if median is not None and median > 0:
            logarithms[device, case].append(math.log(median))
    return {key: _spread(values) for key, values in logarithms.items() if len(values) >= FEWEST}


def _spread(logarithms: Sequence[float]) -> float:
    runs = len(logarithms)
    few = critical(0.95, runs - 1) / critical(0.95, math.inf)
    return few * float(_SIGMA * np.median(np.abs(np.diff(logarithms))) / math.sqrt(2))
