"""How a case went from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

import numpy as np

from deploy_tools.report.charts.axis import Axis, time_axis
from deploy_tools.report.charts.marks import dots, line, uprights
from deploy_tools.report.charts.plot import Plot
from deploy_tools.report.figures import Figures
from deploy_tools.report.numbers import day, quantity


@dataclass(frozen=True)
class Point:
    """A case in one run.

    Attributes:
        when: The run began.
        figures: Of its steady state.
    """

    when: datetime
    figures: Figures


def history(points: Sequence[Point], what: str) -> str:
    """The plot: medians with their intervals, a run beside the other.

    Args:
        points: At least two, oldest first, of one unit.
        what: What was measured where, for the chart's name.
    """
    median, low, high = (
        np.array([getattr(one.figures, name) for one in points], np.float64)
        for name in ("median", "low", "high")
    )
    # where there are too few samples for an interval, it reaches over all of them
    low = np.where(np.isfinite(low), low, [one.figures.least for one in points])
    high = np.where(np.isfinite(high), high, [one.figures.most for one in points])
    unit = points[0].figures.unit
    middle = float(np.median(median))
    least, most = min(float(low.min()), 0.95 * middle), max(float(high.max()), 1.05 * middle)
    margin = 0.06 * (most - least)
    y = time_axis(least - margin, most + margin, "median", unit=unit, count=3)
    # runs beside each other, not by time: ten of one day and one of another would be two heaps
    number = np.arange(len(points), dtype=np.float64)
    x = Axis(-0.3, len(points) - 0.7, f"{len(points)} runs, oldest first", _dates(points))
    across = x.place(number)
    drawn = line(across, y.place(median), "through")
    drawn += uprights(across, y.place(low), y.place(high), "whisker")
    drawn += dots(across, y.place(median), "middle")
    said = (
        f"{what}: median in {len(points)} runs from {day(points[0].when)} to {day(points[-1].when)}, "
        f"first {quantity(float(median[0]), unit)}, last {quantity(float(median[-1]), unit)}"
    )
    return Plot(said, x, y, drawn, height=120).html()


def _dates(points: Sequence[Point]) -> tuple[tuple[float, str], ...]:
    """The first day and the last; of runs of one day the times."""
    one_day = day(points[0].when) == day(points[-1].when)
    first, last = (points[end].when.astimezone(timezone.utc) for end in (0, -1))
    form = "%H:%M" if one_day else "%d %b"
    return (0.0, f"{first:{form}}"), (len(points) - 1.0, f"{last:{form}}")
