"""The figures of a measurement that people read first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deploy_tools.comparison.quantile import quantile_interval
from deploy_tools.measurement.series import DISTURBED, THROTTLED, Series


@dataclass(frozen=True)
class Figures:
    """What became of the samples of a series.

    Percentiles and the median are of samples without flags, of all where too few were left.

    Attributes:
        unit: Of all values.
        median: Of the samples that are used.
        low: Lower end of the median's 95 % interval; infinite where there are too few samples to say.
        high: Upper end; the same.
        p90: 90th percentile.
        p99: 99th percentile.
        least: Smallest of all samples.
        most: Largest of all samples.
        count: All samples.
        used: Samples that the median is of: those without flags, or all.
        flagged: Samples with a flag.
        disturbed: Samples flagged as disturbed.
        throttled: Samples flagged as throttled.
    """

    unit: str
    median: float
    low: float
    high: float
    p90: float
    p99: float
    least: float
    most: float
    count: int
    used: int
    flagged: int
    disturbed: int
    throttled: int

    @property
    def left_out(self) -> int:
        """Samples that the median leaves out."""
        return self.count - self.used


def series_figures(series: Series) -> Figures:
    """Figures of a series that has samples."""
    sound = series.used
    median, low, high = quantile_interval(sound)
    p90, p99 = np.percentile(sound, (90, 99))
    return Figures(
        unit=series.unit,
        median=median,
        low=low,
        high=high,
        p90=float(p90),
        p99=float(p99),
        least=float(series.values.min()),
        most=float(series.values.max()),
        count=len(series),
        used=len(sound),
        flagged=series.flagged,
        disturbed=int(np.count_nonzero(series.flags & DISTURBED)),
        throttled=int(np.count_nonzero(series.flags & THROTTLED)),
    )
