"""How the samples of a series are distributed: how many took how long."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from deploy_tools.measurement.series import Series
from deploy_tools.report.charts.axis import Axis, axis, time_axis
from deploy_tools.report.charts.marks import bars, label, spans, uprights
from deploy_tools.report.charts.plot import Plot, chart
from deploy_tools.report.figures import Figures
from deploy_tools.report.numbers import between, counted, quantity
from deploy_tools.report.tables import table

_BINS: Final = 36
_ROW: Final = 0.115
"""Height of a row of labels above the bars, as a share of the plot's."""


def distribution(series: Series, figures: Figures, what: str) -> str:
    """The chart, of the samples that the median is of.

    Args:
        series: With samples.
        figures: Of the series.
        what: What was measured where, for the chart's name.
    """
    sound = series.used
    low, high = float(sound.min()), float(sound.max())
    # one sample of a thousand may be so long that all others would share one bar
    top = min(high, max(figures.p99 + 2 * (figures.p99 - figures.median), 1.02 * figures.median))
    x = time_axis(low, max(top, low), "time", unit=series.unit, count=5)
    heights, edges = np.histogram(np.minimum(sound, x.high), bins=_bins(len(sound)), range=(x.low, x.high))
    y = axis(0.0, float(heights.max()), "samples", count=3)
    left, right = x.place(edges[:-1]), x.place(edges[1:])
    scale = 1 - 3 * _ROW  # the rest is for labels
    # an end that is not known lies beyond the plot
    drawn = spans(np.array([x.at(figures.low)]), np.array([x.at(figures.high)]), "interval")
    drawn += bars(left, right, y.place(heights.astype(np.float64)) * scale, "main")
    words = []
    for number, (name, value) in enumerate(
        (("median", figures.median), ("p90", figures.p90), ("p99", figures.p99))
    ):
        place, above = x.at(value), 1 - number * _ROW
        drawn += uprights(np.array([place]), np.zeros(1), np.array([above]), name)
        words.append(label(f"{name} {quantity(value, series.unit)}", place, above - _ROW, name))
    beyond = int(np.count_nonzero(sound > x.high))
    remark = f"{counted(beyond, 'longer sample')} counted in the last bar." if beyond else ""
    if figures.left_out:
        remark = f"Without the {counted(figures.left_out, 'flagged sample')}. {remark}"
    elif figures.flagged:
        remark = f"With flagged samples: without them too few were left. {remark}"
    said = (
        f"{what}: distribution of {counted(len(sound), 'sample')}, "
        f"median {quantity(figures.median, series.unit)}, "
        f"p90 {quantity(figures.p90, series.unit)}, p99 {quantity(figures.p99, series.unit)}"
    )
    plot = Plot(said, x, _squeezed(y, scale), drawn, words="".join(words))
    rows = [
        (between(begin, end, series.unit), f"{count:,}")
        for begin, end, count in zip(edges[:-1], edges[1:], heights, strict=True)
        if count
    ]
    return chart(
        "Distribution", plot.html(), remark=remark, behind=table(rows, (f"time, {series.unit}", "samples"))
    )


def _bins(count: int) -> int:
    """Fewer where there are few samples: bars of one sample each show nothing."""
    return max(6, min(_BINS, round(2 * math.sqrt(count))))


def _squeezed(y: Axis, scale: float) -> Axis:
    """The axis of what fills the lower part of the plot alone."""
    return Axis(y.low, y.high / scale, y.name, y.marks)
