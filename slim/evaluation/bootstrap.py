"""Confidence intervals by resampling images (B. Efron, "Bootstrap Methods", 1979; the percentile interval).

A measure of many images, such as hmean, is no mean of one number per image. So what is resampled are counts
per image, which add up, and the measure is computed from the sums of every resample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from slim.evaluation.measure import Measure

FloatArray = npt.NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]
"""From sums of counts (..., columns) to the measure (...)."""

ROUNDS: Final = 4000
SEED: Final = 20260
CONFIDENCE: Final = 0.95
_NUMBERS_AT_ONCE: Final = 2_000_000


def measured(counts: FloatArray, statistics: Mapping[str, Statistic], unit: str = "%") -> dict[str, Measure]:
    """Statistics, which give shares, by name, with their intervals; all from the same resamples.

    Args:
        counts: Float64 array (images, columns), one image or more.
        statistics: Of the sums over images.
        unit: Of the measures: ``%`` or ``points``.

    Raises:
        ValueError: There are no images.
    """
    total, sums = counts.sum(axis=0), resampled_sums(counts)
    found = {}
    for name, statistic in statistics.items():
        low, high = (100 * end for end in _ends(statistic(sums), CONFIDENCE))
        found[name] = Measure(100 * float(statistic(total)), low, high, len(counts), unit)
    return found


def share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Part over whole; 0 where there is nothing."""
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 0)


def bootstrap_interval(
    counts: FloatArray,
    statistic: Statistic,
    *,
    rounds: int = ROUNDS,
    seed: int = SEED,
    confidence: float = CONFIDENCE,
) -> tuple[float, float]:
    """The interval of a measure; the same for the same counts and seed.

    Where every image counts alike (all right, for example) it has no width: the images say nothing of cases
    that are too rare to be among them. Of N images that are all right, up to 3 / N of the cases may be wrong.

    Args:
        counts: Float64 array (images, columns), one image or more.
        statistic: Of the sums over images.
        rounds: How many resamples.
        seed: Of the resamples. Two calls with the same seed and as many images draw the same images.
        confidence: Share of such intervals that hold the truth.
    """
    return _ends(statistic(resampled_sums(counts, rounds=rounds, seed=seed)), confidence)


def resampled_sums(counts: FloatArray, *, rounds: int = ROUNDS, seed: int = SEED) -> FloatArray:
    """Sums (rounds, columns) over as many images as there are, drawn with replacement."""
    images = len(counts)
    if images == 0:
        raise ValueError("nothing to resample: no images")
    dice = np.random.default_rng(seed)
    step = max(1, _NUMBERS_AT_ONCE // images)
    parts = []
    for first in range(0, rounds, step):
        portion = min(step, rounds - first)
        drawn = dice.integers(0, images, size=(portion, images))
        # how often each image was drawn in each round
        drawn += np.arange(portion)[:, None] * images
        times = np.bincount(drawn.ravel(), minlength=portion * images).reshape(portion, images)
        parts.append(times.astype(np.float64) @ counts)
    return np.concatenate(parts)


def _ends(values: FloatArray, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
