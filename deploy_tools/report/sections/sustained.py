"""Minutes under load: throttling curves."""

from __future__ import annotations

from html import escape
from typing import Final

import numpy as np

from deploy_tools.measurement.series import Series
from deploy_tools.report.charts.throttling import throttling
from deploy_tools.report.material import Material
from deploy_tools.report.numbers import change, counted, quantity
from deploy_tools.report.taken import Taken
from deploy_tools.report.words import conditions, flag_marks, spoken, subject_html

_SPANS: Final = (60, 240)
_ALL_SPANS: Final = 20_000
_MOST: Final = 100
_SHARE: Final = 0.1


def sustained(material: Material) -> str:
    """Curves of every case that was put under load for long."""
    found = [taken for taken in material.of("sustained") if taken.figures is not None]
    if not found:
        return ""
    most = max(_SPANS[0], min(_SPANS[1], _ALL_SPANS // len(found)))
    cut = f'<p class="small muted">The first {_MOST} of {len(found)}.</p>' if len(found) > _MOST else ""
    return cut + "".join(_one(taken, most) for taken in found[:_MOST])


def _one(taken: Taken, most: int) -> str:
    assert taken.samples is not None  # noqa: S101  (chosen so)
    series = _timed(taken.samples)
    values = series.undisturbed.values
    part = max(1, int(_SHARE * len(values)))
    first, last = float(np.median(values[:part])), float(np.median(values[-part:]))
    percent = round(100 * _SHARE)
    unit = series.unit
    line = (
        f"<b>{quantity(first, unit)}</b> in the first {percent} % of the samples, "
        f"<b>{quantity(last, unit)}</b> in the last {percent} %: {change(last, first)}."
    )
    drawn = throttling(series, taken.measurement.readings, spoken(taken.case, taken.device), most=most)
    told = any(one.celsius or one.khz for one in taken.measurement.readings)
    quiet = (
        "" if told else '<p class="small muted">The device tells neither temperatures nor frequencies.</p>'
    )
    figures = taken.figures
    assert figures is not None  # noqa: S101  (chosen so)
    return (
        f'<div class="panel" id="{taken.anchor}"><h3>{subject_html(taken.case.subject)}</h3>'
        f'<p class="small muted">{escape(taken.device)} · {escape(conditions(taken.case))} · '
        f"{_lasted(float(series.at[-1] - series.at[0]))} · {counted(len(series), 'sample')}</p>"
        f"<p>{line} {flag_marks(figures)}</p>{drawn}{quiet}</div>"
    )


def _timed(series: Series) -> Series:
    """The series with times: where they were not noted, samples followed each other."""
    if len(series.at):
        return series
    ends = np.cumsum(series.values) / (1000.0 if series.unit == "ms" else 1.0)
    return Series(series.name, series.values, series.unit, np.concatenate([[0.0], ends[:-1]]), series.flags)


def _lasted(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
