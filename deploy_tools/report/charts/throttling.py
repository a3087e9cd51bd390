"""A device under load: latency, temperatures and frequencies over time, above each other on one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import numpy as np

from deploy_tools.measurement.environment import Reading
from deploy_tools.measurement.series import DISTURBED, THROTTLED, Series
from deploy_tools.report.charts.axis import Axis, Values, axis, time_axis
from deploy_tools.report.charts.marks import band, line, spans
from deploy_tools.report.charts.over_time import EVERY, samples
from deploy_tools.report.charts.plot import Plot, chart
from deploy_tools.report.numbers import between, counted, quantity, significant
from deploy_tools.report.tables import table
from deploy_tools.report.thin import spans as thinned
from deploy_tools.report.thin import spread_out

_LINES: Final = 4
_READINGS: Final = 240
_ROWS: Final = 16
_MIDDLE: Final = 0.8
"""Of a span's samples: single ones that took long are not what these curves are about."""


def throttling(series: Series, readings: Sequence[Reading], what: str, *, most: int) -> str:
    """The chart.

    Args:
        series: Samples with the moments they began; at least one.
        readings: Of the device, in the order of time.
        what: What was measured where, for the chart's name.
        most: Largest number of spans that samples are drawn as.
    """
    moments = np.array([one.at for one in readings], np.float64)
    begin = min([float(series.at[0]), *moments[:1].tolist()])
    end = max([float(series.at[-1]), *moments[-1:].tolist()])
    minutes = end - begin > 300
    name = "minutes since the beginning" if minutes else "seconds since the beginning"
    x = axis(begin, end, name, count=5, divide=60.0 if minutes else 1.0)
    celsius = _tracks([one.celsius for one in readings])
    mhz = _clusters([one.khz for one in readings])
    one_by_one = len(series) <= EVERY
    steady = series if one_by_one else series.undisturbed
    plots = [_latency(series, steady, x, what, most, last=not celsius and not mhz)]
    if celsius:
        plots.append(_lines(celsius, moments, x, "temperature, °C", what, last=not mhz))
    if mhz:
        plots.append(_lines(mhz, moments, x, "frequency, MHz", what, last=True))
    remark = ""
    if not one_by_one:
        left_out = len(series) - len(steady)
        without = f" Without {counted(left_out, 'disturbed sample')}." if left_out else ""
        remark = f"Drawn as spans of time: the middle {100 * _MIDDLE:.0f} % of each, and its median.{without}"
    flags = series.flags
    keys = '<span><span class="key span"></span>throttled</span>' if (flags & THROTTLED).any() else ""
    if one_by_one and (flags & DISTURBED).any():
        keys += '<span><span class="key disturbed"></span>disturbed</span>'
    legend = f'<p class="legend">{keys}</p>' if keys else ""
    behind = _latency_table(series.undisturbed) + _readings_table(readings)
    return chart("", "".join(plots), remark=remark, legend=legend, behind=behind)


def _latency(series: Series, steady: Series, x: Axis, what: str, most: int, *, last: bool) -> str:
    one_by_one = len(series) <= EVERY
    found = thinned(steady.at, steady.values, len(series) if one_by_one else most, middle=_MIDDLE)
    middle = float(np.median(steady.values))
    top = min(float(found.most.max()), 1.3 * float(np.percentile(found.median, 98)))
    margin = max(0.05 * middle, 0.04 * (top - float(found.least.min())))
    y = time_axis(float(found.least.min()) - margin, top + margin, "time", unit=series.unit, count=3)
    across = x.place(found.middle)
    drawn = _throttled(series, x)
    if one_by_one:
        drawn += samples(across, y.place(series.values), series.marks)
    else:
        drawn += band(across, y.place(found.least), y.place(found.most), "range")
        drawn += line(across, y.place(found.median), "main")
    first, now = float(found.median[0]), float(found.median[-1])
    said = (
        f"{what}: time of {counted(len(series), 'sample')} under load, {quantity(first, series.unit)} at the "
        f"beginning, {quantity(now, series.unit)} at the end"
    )
    return Plot(said, x, y, drawn, height=150, show_x=last, room_beside=not last).html()


def _throttled(series: Series, x: Axis) -> str:
    """Stripes where samples were throttled: half of those in a span, as flags may flicker."""
    if not (series.flags & THROTTLED).any():
        return ""
    share = (series.flags & THROTTLED > 0).astype(np.float64)
    found = thinned(series.at, share, _READINGS)
    hot = np.concatenate([[False], found.median >= 0.5, [False]])
    turns = np.flatnonzero(hot[1:] != hot[:-1])
    begins, ends = turns[::2], turns[1::2] - 1
    return spans(x.place(found.begin[begins]), x.place(found.end[ends]), "throttled")


def _lines(
    tracks: Mapping[str, Values], moments: Values, x: Axis, name: str, what: str, *, last: bool
) -> str:
    shown = sorted(tracks, key=lambda one: -float(np.nanmax(tracks[one])))[:_LINES]
    values = np.concatenate([tracks[one] for one in shown])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = max(0.06 * (high - low), 0.02 * abs(high), 1e-9)
    y = axis(low - margin, high + margin, name, count=3)
    chosen = spread_out(len(moments), _READINGS)
    across = x.place(moments[chosen])
    drawn, beside = [], []
    for number, one in enumerate(shown):
        track = tracks[one][chosen]
        there = ~np.isnan(track)
        drawn.append(line(across[there], y.place(track[there]), f"track-{number}"))
        end = y.at(float(track[there][-1]))
        beside.append(
            (end, f'<span class="track-{number}" title="{escape(one, quote=True)}">{escape(one)}</span>')
        )
    said = f"{what}: {name} over time; " + ", ".join(
        f"{one} at most {significant(float(np.nanmax(tracks[one])))}" for one in shown
    )
    return Plot(said, x, y, "".join(drawn), beside=tuple(beside), height=110, show_x=last).html()


def _tracks(readings: Sequence[Mapping[str, float]]) -> dict[str, Values]:
    """Values by name over all readings; not a number where one does not tell."""
    names = dict.fromkeys(name for one in readings for name, value in one.items() if np.isfinite(value))
    return {name: np.array([one.get(name, np.nan) for one in readings], np.float64) for name in names}


def _clusters(readings: Sequence[Mapping[int, int]]) -> dict[str, Values]:
    """Frequencies in MHz; cores that go together are one line."""
    tracks = _tracks([{str(core): khz / 1000 for core, khz in one.items()} for one in readings])
    groups: dict[bytes, list[str]] = {}
    for core, track in tracks.items():
        groups.setdefault(track.tobytes(), []).append(core)
    return {
        ("core " if len(cores) == 1 else "cores ") + _listed(sorted(map(int, cores))): tracks[cores[0]]
        for cores in groups.values()
    }


def _listed(cores: Sequence[int]) -> str:
    """``0–3, 6``."""
    parts: list[tuple[int, int]] = []
    for core in cores:
        if parts and parts[-1][1] == core - 1:
            parts[-1] = (parts[-1][0], core)
        else:
            parts.append((core, core))
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in parts)


def _latency_table(series: Series) -> str:
    found = thinned(series.at, series.values, _ROWS)
    rows = [
        (
            f"{begin:.0f} … {end:.0f}",
            f"{count:,}",
            quantity(middle, series.unit),
            between(least, most, series.unit),
        )
        for begin, end, count, middle, least, most in zip(
            found.begin, found.end, found.count, found.median, found.least, found.most, strict=True
        )
    ]
    return table(rows, ("seconds", "samples", "median", "least … most"))


def _readings_table(readings: Sequence[Reading]) -> str:
    if not readings:
        return ""
    chosen = [readings[number] for number in spread_out(len(readings), _ROWS)]
    celsius = _tracks([one.celsius for one in chosen])
    mhz = _clusters([one.khz for one in chosen])
    rows = [
        (
            f"{one.at:.0f}",
            *(_shown(track[number], 1) for track in celsius.values()),
            *(_shown(track[number], 0) for track in mhz.values()),
        )
        for number, one in enumerate(chosen)
    ]
    heads = ("seconds", *(f"{name}, °C" for name in celsius), *(f"{name}, MHz" for name in mhz))
    return table(rows, heads) if len(heads) > 1 else ""


def _shown(value: float, digits: int) -> str:
    return "" if np.isnan(value) else f"{value:.{digits}f}"
