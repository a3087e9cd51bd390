"""How cases went from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from html import escape
from typing import Final

from deploy_tools.report.charts.history import Point, history
from deploy_tools.report.charts.plot import chart
from deploy_tools.report.material import Material, Taken
from deploy_tools.report.numbers import between, change, moment, quantity
from deploy_tools.report.tables import table
from deploy_tools.report.words import conditions, spoken, subject_html
from slim.html.fragments import mark

_MOST: Final = 60


class Went(Enum):
    """What became of a case since the run before."""

    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"
    UNSURE = "unsure"


_KINDS: Final = {Went.SLOWER: "failed", Went.FASTER: "passed", Went.SAME: "open", Went.UNSURE: "open"}


def histories(material: Material) -> str:
    """A chart for every case that was measured in several runs, those that changed most first."""
    groups = [
        (group, points)
        for group in material.histories()
        if len({one.unit for one in (taken.figures for taken in group) if one}) == 1
        for points in [[Point(taken.run.started, taken.figures) for taken in group if taken.figures]]
    ]
    if not groups:
        return ""
    if len(groups) > _MOST:
        groups.sort(key=lambda one: -_size(one[1]))
    named = f"Runs with the tag <b>{escape(material.tag)}</b>. " if material.tag else ""
    cut = f" Of {len(groups)} cases the {_MOST} that changed most." if len(groups) > _MOST else ""
    shown = "".join(_one(group, points) for group, points in groups[:_MOST])
    return (
        f'<p class="small muted">{named}Median with its 95 % interval in every run; the last beside the one '
        "before. A case counts as changed where the intervals of the last two runs do not meet."
        f'{cut}</p><div class="small-multiples">{shown}</div>'
    )


def went(points: Sequence[Point]) -> Went:
    """What became of a case since the run before."""
    before, now = points[-2].figures, points[-1].figures
    if now.low > before.high:
        return Went.SLOWER
    return Went.FASTER if now.high < before.low else Went.SAME


def _size(points: Sequence[Point]) -> float:
    before, now = points[-2].figures.median, points[-1].figures.median
    return abs(now / before - 1) if before > 0 else 0.0


def _one(group: Sequence[Taken], points: Sequence[Point]) -> str:
    last, verdict = group[-1], went(points)
    before, now = points[-2].figures, points[-1].figures
    rows = [
        (
            moment(taken.run.started),
            taken.run.id,
            quantity(one.figures.median, one.figures.unit),
            between(one.figures.low, one.figures.high, one.figures.unit),
            f"{one.figures.used:,}",
        )
        for taken, one in zip(group, points, strict=True)
    ]
    values = table(rows[::-1], ("run began", "run", "median", "95 % interval", "samples"))
    heading = (
        f"<h3>{subject_html(last.case.subject)}</h3>"
        f'<p class="small muted">{escape(last.device)} · {escape(conditions(last.case))}</p>'
        f"<p><b>{quantity(now.median, now.unit)}</b> "
        f"{mark(f'{verdict.value}, {change(now.median, before.median)}', _KINDS[verdict])}</p>"
    )
    plot = history(points, spoken(last.case, last.device))
    return f'<div class="panel">{heading}{chart("", plot, behind=values)}</div>'
