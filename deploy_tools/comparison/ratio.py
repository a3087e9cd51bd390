"""The ratio of two quantiles, with its interval.

From the intervals of both, by the method of variance estimates recovery (G. Y. Zou and A. Donner,
"Construction of confidence limits about effect measures", Statistics in Medicine 27, 2008): the upper limit
of a difference takes the upper side of the one and the lower side of the other. It keeps intervals as
lopsided as latencies are; logarithms make a ratio of the difference.

Two processes of the same program differ although nothing changed: addresses, pages and frequencies fall
otherwise (T. Mytkowicz et al., "Producing wrong data without doing anything obviously wrong!", ASPLOS 2009),
which samples of one process cannot show (T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable
time", ISMM 2013). So this variation is given, and enters each side as a variance of its own.

Where both were measured in turn the ratio is that of their visits, each beside the one of the same moment
(see `visits`), and the noise that both saw is none of the interval's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deploy_tools.comparison.quantile import FloatArray, Sampled, critical, sampled
from deploy_tools.comparison.signed_rank import middle_interval


@dataclass(frozen=True)
class Ratio:
    """How many times as long.

    Attributes:
        before: Quantile of the samples before, in their unit.
        after: The same of those after.
        ratio: After divided by before; of paired visits the middle of theirs, not the ratio of the quantiles.
        low: Lower end of the interval; 0 where there are too few samples to say.
        high: Upper end; infinite where there are too few.
        floor: What the variation between processes alone makes of the interval: half its width, as a
            logarithm.
        pairs: Of how many paired visits it is; 0 where it is of all samples.
    """

    before: float
    after: float
    ratio: float
    low: float
    high: float
    floor: float
    pairs: int = 0

    @property
    def half_width(self) -> float:
        """Of the interval, as a logarithm: its longer side; infinite where it has an open end."""
        if self.low <= 0 or math.isinf(self.high):
            return math.inf
        return max(math.log(self.high / self.ratio), math.log(self.ratio / self.low))


def ratio_of(
    before: FloatArray,
    after: FloatArray,
    *,
    level: float = 0.5,
    confidence: float = 0.95,
    between: float = 0.0,
) -> Ratio:
    """Compare samples.

    Args:
        before: Float64, positive, one or more, in the order they were taken.
        after: The same.
        level: Of the quantile that is compared.
        confidence: Of the interval.
        between: Standard deviation between processes, as a share.
    """
    old, new = sampled(before, level), sampled(after, level)
    deviations = critical(confidence, old.blocks + new.blocks - 2)
    floor = _floor(confidence, between)
    (old_low, old_high), (new_low, new_high) = _reaches(old, deviations), _reaches(new, deviations)
    ratio = new.value / old.value
    return Ratio(
        old.value,
        new.value,
        ratio,
        ratio * math.exp(-math.hypot(new_low, old_high, floor)),
        ratio * math.exp(math.hypot(new_high, old_low, floor)),
        floor,
    )


def ratio_of_visits(
    before: FloatArray, after: FloatArray, visits: FloatArray, *, confidence: float, between: float
) -> Ratio:
    """Compare what was measured in turn.

    Args:
        before: Float64, positive, one or more.
        after: The same.
        visits: Logarithms of the ratios of paired visits, one or more, in the order they were taken.
        confidence: Of the interval.
        between: Standard deviation between processes, as a share.
    """
    middle, low, high = middle_interval(visits, confidence)
    floor = _floor(confidence, between)
    return Ratio(
        float(np.median(before)),
        float(np.median(after)),
        math.exp(middle),
        math.exp(middle - math.hypot(middle - low, floor)),
        math.exp(middle + math.hypot(high - middle, floor)),
        floor,
        len(visits),
    )


def _floor(confidence: float, between: float) -> float:
    """Half the width, as a logarithm, of an interval that has nothing but the variation between processes."""
    return critical(confidence, math.inf) * math.sqrt(2) * between


def _reaches(side: Sampled, deviations: float) -> tuple[float, float]:
    """How far a quantile's interval reaches to both sides, as logarithms."""
    low, high = side.interval(deviations)
    return (math.log(side.value / low) if low > 0 else math.inf), math.log(high / side.value)
