"""A quantile of samples that follow one another, with its interval.

What a sample does to a quantile is whether it lies above or below, so how sure a quantile is follows from the
share of samples below it: that share's interval, read off the sorted samples, is the quantile's (R. S.
Woodruff, "Confidence intervals for medians and other position measures", JASA 47, 1952). It asks nothing of
the shape of the samples: heavy tails do not widen it, and where they fall into two groups it says so by
reaching from one to the other.

The share's variance is that of the circular block bootstrap (see `blocks`), which has a closed form for
a mean: no dice, and as quick for a million samples as a sort. That signs are what matters holds for dependent
samples too (Bahadur's representation: P. K. Sen, Journal of Multivariate Analysis 2, 1972; for the block
bootstrap S. Sun and S. N. Lahiri, Sankhya 68, 2006). Few blocks know their own variance badly; Student's t
with one degree less than there are blocks makes up for it, as it does for batch means. And the length that is
best for a variance is too short for an interval, which suffers more from a variance that is too small than
from one that is not well known (Y. Sun, P. Phillips and S. Jin, "Optimal bandwidth selection in
heteroskedasticity-autocorrelation robust testing", Econometrica 76, 2008): blocks are twice as long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from deploy_tools.comparison.blocks import block_length

FloatArray = npt.NDArray[np.float64]

_LONGER: Final = 2
"""So many times as long as blocks are best for a variance they are better for an interval."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """Samples, prepared for intervals of one of their quantiles.

    Attributes:
        ordered: Float64, ascending.
        value: The quantile.
        level: Of the quantile.
        blocks: How many blocks, each news of its own, the samples are worth as many as.
        error: Standard error of the share of samples below the quantile.
    """

    ordered: FloatArray
    value: float
    level: float
    blocks: float
    error: float

    def interval(self, deviations: float) -> tuple[float, float]:
        """Where the quantile lies, so many standard errors about; infinite where samples do not reach."""
        reach, value = deviations * self.error, self.value
        return min(self._at(self.level - reach), value), max(self._at(self.level + reach), value)

    def _at(self, share: float) -> float:
        """The value that this share of samples lies below; infinite beyond the outermost."""
        count = len(self.ordered)
        place = share * count - 0.5
        if not 0 <= place <= count - 1:
            return math.copysign(math.inf, place)
        first = int(place)
        return float(np.interp(place - first, [0, 1], self.ordered[[first, min(first + 1, count - 1)]]))


def sampled(samples: FloatArray, level: float = 0.5) -> Sampled:
    """Prepare samples, one or more, in the order they were taken."""
    count = len(samples)
    ordered = np.sort(samples)
    rank = level * (count - 1)
    first = int(rank)
    value = ordered[first] + (rank - first) * (ordered[min(first + 1, count - 1)] - ordered[first])
    above = samples > value
    length = min(_LONGER * block_length(above), max(1, count // 3))
    # alternation may make a variance smaller than that of independent samples; that is not relied on
    variance = max(_block_variance(above.astype(np.float64), length), level * (1 - level))
    return Sampled(ordered, float(value), level, count / length, math.sqrt(variance / count))


def critical(confidence: float, blocks: float) -> float:
    """How many standard errors an interval reaches to each side.

    Args:
        confidence: Of the interval.
        blocks: Of all samples that it is made of, less one for each of their sides.
    """
    return float(stdtrit(max(blocks, 1.0), (1 + confidence) / 2))


def quantile_interval(
    samples: FloatArray, *, level: float = 0.5, confidence: float = 0.95
) -> tuple[float, float, float]:
    """A quantile, and the ends of its interval.

    Args:
        samples: Float64, one or more, in the order they were taken.
        level: Of the quantile.
        confidence: Of the interval.
    """
    prepared = sampled(samples, level)
    low, high = prepared.interval(critical(confidence, prepared.blocks - 1))
    return prepared.value, low, high


def _block_variance(values: FloatArray, length: int) -> float:
    """Variance of one value's share in the mean: that of the means of circular blocks, times their length."""
    count = len(values)
    sums = np.cumsum(np.concatenate([[0.0], values, values[: length - 1]]))
    means = (sums[length:] - sums[:-length]) / length
    return float(length * np.mean((means - values.mean()) ** 2) * count / max(count - length, 1))
