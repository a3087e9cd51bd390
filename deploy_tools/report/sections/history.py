"""How cases went from run to run."""

from __future__ import annotations

from html import escape
from typing import Final

from deploy_tools.comparison.verdict import FASTER, SAME, SLOWER, UNSURE
from deploy_tools.report.charts.history import history
from deploy_tools.report.charts.plot import chart
from deploy_tools.report.history import History
from deploy_tools.report.material import Material
from deploy_tools.report.numbers import between, moment, percent_change, quantity
from deploy_tools.report.tables import table
from deploy_tools.report.words import conditions, spoken, subject_html
from slim.html.fragments import mark

_MOST: Final = 60
_KINDS: Final = {SLOWER: "failed", FASTER: "passed", SAME: "open", UNSURE: "open"}


def histories(material: Material) -> str:
    """A chart for every case that was measured in several runs, those that changed most first."""
    found = sorted(material.histories, key=lambda one: -one.size)
    if not found:
        return ""
    named = f"Runs with the tag <b>{escape(material.tag)}</b>. " if material.tag else ""
    cut = f" Of {len(found)} cases the {_MOST} that changed most." if len(found) > _MOST else ""
    shown = "".join(map(_one, found[:_MOST]))
    return (
        f'<p class="small muted">{named}Median with its 95 % interval in every run. The word says how the '
        f"last run compares with the one before, as 'compare' does.{cut}</p>"
        f'<div class="small-multiples">{shown}</div>'
    )


def _one(one: History) -> str:
    last = one.last
    now = one.points[-1].figures
    rows = [
        (
            moment(taken.run.started),
            taken.run.id,
            quantity(point.figures.median, point.figures.unit),
            between(point.figures.low, point.figures.high, point.figures.unit),
            f"{point.figures.used:,}",
        )
        for taken, point in zip(one.taken, one.points, strict=True)
    ]
    values = table(rows[::-1], ("run began", "run", "median", "95 % interval", "samples"))
    plot = history(one.points, spoken(last.case, last.device))
    return (
        f'<div class="panel"><h3>{subject_html(last.case.subject)}</h3>'
        f'<p class="small muted">{escape(last.device)} · {escape(conditions(last.case))}</p>'
        f"<p><b>{quantity(now.median, now.unit)}</b> {_verdict(one)}</p>"
        f"{chart('', plot, behind=values)}</div>"
    )


def _verdict(one: History) -> str:
    found = one.comparison
    if found is None:
        return mark("not comparable", "open")
    ratio = found.ratio
    interval = f"{percent_change(ratio.low)} … {percent_change(ratio.high)}"
    return (
        f"{mark(f'{found.verdict}, {percent_change(ratio.ratio)}', _KINDS[found.verdict])} "
        f'<span class="interval">{escape(interval)}</span>'
    )
