"""One measurement of one run, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.measurement.series import RUN, Series
from deploy_tools.report.figures import Figures, series_figures
from deploy_tools.results.imports.made import RUN_AVG


@dataclass(frozen=True, eq=False)
class Taken:
    """One measurement of one run.

    Attributes:
        run: The run it belongs to.
        measurement: What was measured.
        anchor: Its place in the page.
    """

    run: Run
    measurement: Measurement
    anchor: str

    @property
    def case(self) -> Case:
        """What was measured."""
        return self.measurement.case

    @property
    def device(self) -> str:
        """Where."""
        return self.measurement.environment.device

    @cached_property
    def samples(self) -> Series | None:
        """The samples of its steady state that are numbers; None where there are none."""
        return _numbers(self.measurement.series.get(RUN))

    @cached_property
    def figures(self) -> Figures | None:
        """The figures of its steady state; None where it has no samples."""
        return None if self.samples is None else series_figures(self.samples)

    @cached_property
    def average(self) -> Series | None:
        """What a program of others gave instead of samples; None where there is none."""
        return _numbers(self.measurement.series.get(RUN_AVG))


def _numbers(series: Series | None) -> Series | None:
    if series is None:
        return None
    there = np.isfinite(series.values)
    return series.only(there) if there.any() else None
