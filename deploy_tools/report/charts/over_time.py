"""All samples of a series in the order they were taken, with their flags."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from deploy_tools.measurement.series import DISTURBED, OK, THROTTLED, Series
from deploy_tools.report.charts.axis import Axis, Values, axis, time_axis
from deploy_tools.report.charts.marks import band, dots, levels, line
from deploy_tools.report.charts.plot import Plot, chart
from deploy_tools.report.figures import Figures
from deploy_tools.report.numbers import between, counted, quantity, significant
from deploy_tools.report.tables import table
from deploy_tools.report.thin import spans

EVERY: Final = 600
"""So many samples are drawn one by one where there is room."""
_IN_SPAN: Final = 8
_FLAGGED: Final = 60
_LARGE: Final = 80
"""So many dots may be larger ones."""
_ROWS: Final = 12
_BEYOND: Final = 8.0


def over_time(series: Series, figures: Figures, what: str, *, most: int, every: int = EVERY) -> str:
    """The chart.

    Args:
        series: With samples.
        figures: Of the series.
        what: What was measured where, for the chart's name.
        most: Largest number of spans, where there are too many samples to draw each.
        every: Largest number of samples that are drawn one by one.
    """
    at, name = _moments(series)
    top = _top(figures, series)
    y = time_axis(*_room(figures, float(series.values.min()), top), "time", unit=series.unit)
    x = axis(float(at[0]), float(at[-1]), name)
    middle = np.array([y.at(figures.median)])
    median = levels(middle, np.zeros(1), np.ones(1), "median")
    flags = series.marks
    remarks = []
    if len(series) <= every:
        drawn = samples(x.place(at), y.place(series.values), flags)
    else:
        drawn, count = _thinned(x, y, at, series.values, flags, most)
        remarks.append(
            f"{counted(len(series), 'sample')} drawn as {count} spans: range and median of those without "
            "flags, the longest of those with one."
            if figures.flagged
            else f"{counted(len(series), 'sample')} drawn as {count} spans: range and median of each."
        )
    if (beyond := int(np.count_nonzero(series.values > y.high))) > 0:
        remarks.append(
            f"{counted(beyond, 'sample')} above {quantity(y.high, series.unit)} at the upper edge, "
            f"the longest took {quantity(figures.most, series.unit)}."
        )
    said = (
        f"{what}: {counted(len(series), 'sample')} over time, median {quantity(figures.median, series.unit)}"
    )
    if figures.flagged:
        said += f", {figures.disturbed} disturbed and {figures.throttled} throttled"
    plot = Plot(said, x, y, drawn + median)
    return chart(
        "Every sample" if len(series) <= every else "All samples",
        plot.html(),
        remark=" ".join(remarks),
        legend=flag_legend(figures),
        behind=_table(at, series, name),
    )


def flag_legend(figures: Figures) -> str:
    """What the shapes of dots mean; nothing where there is one shape alone."""
    if not figures.disturbed and not figures.throttled:
        return ""
    parts = ['<span class="key ok"></span>undisturbed'] if figures.flagged < figures.count else []
    if figures.disturbed:
        parts.append(
            f'<span class="key disturbed"></span>{counted(figures.disturbed, "disturbed", "disturbed")}'
        )
    if figures.throttled:
        parts.append(
            f'<span class="key throttled"></span>{counted(figures.throttled, "throttled", "throttled")}'
        )
    return f'<p class="legend">{"".join(f"<span>{part}</span>" for part in parts)}</p>'


def _moments(series: Series) -> tuple[Values, str]:
    if len(series.at):
        return series.at, "seconds since the beginning"
    return np.arange(1, len(series) + 1, dtype=np.float64), "number of the sample"


def _top(figures: Figures, series: Series) -> float:
    """The longest sample, or where the few that took many times as long would press all others together."""
    sound = series.used
    usual = figures.median + _BEYOND * max(float(np.percentile(sound, 95)) - figures.median, 0.0)
    return min(figures.most, max(usual, 1.2 * figures.median))


def _room(figures: Figures, low: float, high: float) -> tuple[float, float]:
    """Ends of an axis: at least a tenth of the median, so that noise does not look like a mountain range."""
    least = 0.05 * abs(figures.median)
    low, high = min(low, figures.median - least), max(high, figures.median + least)
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def samples(x: Values, y: Values, flags: npt.NDArray[np.uint8]) -> str:
    """Dots whose shapes tell flags: discs, rings where disturbed, squares where throttled."""
    few = " few" if len(x) <= _LARGE else ""
    kinds = (
        (f"ok{few}", flags == OK),
        ("disturbed", (flags & DISTURBED > 0) & (flags & THROTTLED == 0)),
        ("throttled", flags & THROTTLED > 0),
    )
    drawn = "".join(dots(x[chosen], y[chosen], kind) for kind, chosen in kinds)
    # a ring is a dot with a smaller one of the ground's colour on it
    hole = kinds[1][1]
    return drawn + dots(x[hole], y[hole], "hole")


def _thinned(
    x: Axis, y: Axis, at: Values, values: Values, flags: npt.NDArray[np.uint8], most: int
) -> tuple[str, int]:
    """What is drawn, and the number of spans."""
    sound = flags == OK
    if not sound.any():
        sound = np.ones(len(flags), np.bool_)
    found = spans(at[sound], values[sound], max(1, min(most, int(sound.sum()) // _IN_SPAN)))
    across = x.place(found.middle)
    drawn = band(across, y.place(found.least), y.place(found.most), "range")
    drawn += line(across, y.place(found.median), "main")
    for flag in (DISTURBED, THROTTLED):
        marked = (flags & flag > 0) & ((flags & THROTTLED == 0) | (flag == THROTTLED))
        if marked.any():
            longest = spans(at[marked], values[marked], _FLAGGED)
            kinds = np.full(len(longest.count), flag, np.uint8)
            drawn += samples(x.place(longest.middle), y.place(longest.most), kinds)
    return drawn, len(found.count)


def _table(at: Values, series: Series, name: str) -> str:
    found = spans(at, series.values, _ROWS)
    rows = [
        (
            significant(begin) if begin == end else f"{significant(begin)} … {significant(end)}",
            f"{count:,}",
            quantity(median, series.unit),
            between(least, most, series.unit),
        )
        for begin, end, count, median, least, most in zip(
            found.begin, found.end, found.count, found.median, found.least, found.most, strict=True
        )
    ]
    return table(rows, (name, "samples", "median", "least … most"))
