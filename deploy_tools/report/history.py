"""One case on one device, from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from deploy_tools.comparison.case import CaseComparison, compare_measurements, why_not
from deploy_tools.comparison.history import spread_of_runs
from deploy_tools.comparison.verdict import FASTER, SLOWER, UNSURE
from deploy_tools.report.charts.history import Point
from deploy_tools.report.taken import Taken


@dataclass(frozen=True, eq=False)
class History:
    """One case on one device in several runs.

    Attributes:
        taken: Measurements with samples, of one unit, oldest first; at least two.
    """

    taken: Sequence[Taken]

    @property
    def last(self) -> Taken:
        """The newest."""
        return self.taken[-1]

    @cached_property
    def points(self) -> list[Point]:
        """Its figures by run."""
        return [Point(one.run.started, one.figures) for one in self.taken if one.figures is not None]

    @cached_property
    def comparison(self) -> CaseComparison | None:
        """The last run beside the one before; None where they cannot be compared.

        How much its runs differ from one to the next is known from all of them, where they are enough.
        """
        before, after = self.taken[-2].measurement, self.taken[-1].measurement
        if why_not(before) or why_not(after):
            return None
        medians = [one.figures.median for one in self.taken if one.figures is not None]
        spread = spread_of_runs(("", "", one) for one in medians).get(("", ""))
        return compare_measurements(before, after, spread=spread)

    @property
    def verdict(self) -> str:
        """What became of it since the run before."""
        return UNSURE if self.comparison is None else self.comparison.verdict

    @property
    def size(self) -> float:
        """How much it changed, for sorting: what changed for sure before what may not have."""
        if self.comparison is None:
            return 0.0
        return abs(self.comparison.ratio.ratio - 1) + (1.0 if self.verdict in (SLOWER, FASTER) else 0.0)
