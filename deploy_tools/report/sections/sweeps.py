"""Sweeps: heat maps of the conditions that were varied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from deploy_tools.measurement.case import Case
from deploy_tools.report.charts.heat_map import STEPS, Heat, heat_map
from deploy_tools.report.figures import Figures
from deploy_tools.report.material import Material
from deploy_tools.report.numbers import LONG_MS, between, counted, quantity, significant
from deploy_tools.report.tables import folded, table
from deploy_tools.report.taken import Taken
from deploy_tools.report.words import conditions, shape_text, subject_html, threads_text


@dataclass(frozen=True)
class _Dimension:
    """Something that sweeps vary.

    Attributes:
        name: Of it.
        of: Its value in a case.
        shown: A value as text.
    """

    name: str
    of: Callable[[Case], Any]
    shown: Callable[[Any], str]


# those in front become columns rather than rows, and rather either than maps of their own
_COLUMNS: Final = (
    _Dimension("input", lambda case: case.shape, shape_text),
    _Dimension("precision", lambda case: case.precision, str),
    _Dimension("case", lambda case: case.detail, lambda text: text or "plain"),
    _Dimension("power mode", lambda case: case.power_mode, lambda text: text or "as it was"),
    _Dimension("threads", lambda case: case.threads, threads_text),
)
_ROWS: Final = (_COLUMNS[4], _COLUMNS[3], _COLUMNS[1], _COLUMNS[2], _COLUMNS[0])


def sweeps(material: Material) -> str:
    """Heat maps for every model on every device."""
    groups: dict[tuple[str, str], list[Taken]] = {}
    for taken in material.newest:
        if taken.case.scenario == "sweep":
            groups.setdefault((taken.case.subject, taken.device), []).append(taken)
    if not groups:
        return ""
    shown = "".join(_group(subject, device, found) for (subject, device), found in groups.items())
    return (
        '<p class="small muted">Medians. Shades are steps of equal ratios, from the fastest to the slowest '
        f'cell of a model on a device.</p><div class="small-multiples wide">{shown}</div>'
    )


def _group(subject: str, device: str, found: Sequence[Taken]) -> str:
    varied = [one for one in _COLUMNS if len({one.of(taken.case) for taken in found}) > 1]
    columns = next((one for one in _COLUMNS if one in varied), _COLUMNS[0])
    rows = next((one for one in _ROWS if one in varied and one is not columns), None)
    rows = rows or next(one for one in _ROWS if one is not columns)
    others = [one for one in varied if one not in (columns, rows)]
    medians = [taken.figures.median for taken in found if taken.figures is not None]
    ends = (min(medians), max(medians)) if medians else (0.0, 0.0)
    facets: dict[tuple[Any, ...], list[Taken]] = {}
    for taken in found:
        facets.setdefault(tuple(one.of(taken.case) for one in others), []).append(taken)
    parts = []
    for values, several in facets.items():
        title = ", ".join(one.shown(value) for one, value in zip(others, values, strict=True))
        parts.append(f"<h4>{escape(title)}</h4>" if title else "")
        parts.append(_map(f"{subject} on {device} {title}", columns, rows, several, ends))
    unit = next((taken.figures.unit for taken in found if taken.figures is not None), "ms")
    return (
        f'<div class="panel"><h3>{subject_html(subject)}</h3><p class="small muted">{escape(device)} · '
        f"{escape(_constant(found, varied))}</p>{''.join(parts)}{_legend(ends, unit)}"
        f"{folded(_values(found))}</div>"
    )


def _map(
    name: str, columns: _Dimension, rows: _Dimension, found: Sequence[Taken], ends: tuple[float, float]
) -> str:
    seconds = ends[1] >= LONG_MS and all(one.figures is None or one.figures.unit == "ms" for one in found)
    across = sorted({columns.of(taken.case) for taken in found})
    down = sorted({rows.of(taken.case) for taken in found})
    cells = {
        (down.index(rows.of(taken.case)), across.index(columns.of(taken.case))): _heat(taken, seconds)
        for taken in found
    }
    unit = next((taken.figures.unit for taken in found if taken.figures is not None), "ms")
    titles, dropped = _short([columns.shown(one) for one in across], columns)
    corner = f"{'s' if seconds else unit}, {rows.name} by {columns.name}{f' {dropped}…' if dropped else ''}"
    return heat_map(name, corner, titles, [rows.shown(one) for one in down], cells, ends)


def _short(titles: list[str], columns: _Dimension) -> tuple[list[str], str]:
    """Shapes without the axes in which they agree: 48×320 of 1×3×48×320."""
    if columns is not _COLUMNS[0] or len(titles) < 2:
        return titles, ""
    parts = [title.split("×") for title in titles]
    same = 0
    while all(len(one) > same + 1 and one[same] == parts[0][same] for one in parts):
        same += 1
    same = min(same, 2)  # height × width stay together
    return ["×".join(one[same:]) for one in parts], "".join(f"{one}×" for one in parts[0][:same])


def _heat(taken: Taken, seconds: bool) -> Heat:
    figures = taken.figures
    if figures is None:
        return Heat(None, "failed")
    remark = f"{between(figures.low, figures.high, figures.unit)}, {counted(figures.used, 'sample')}"
    return Heat(figures.median, significant(figures.median / 1000 if seconds else figures.median), remark)


def _constant(found: Sequence[Taken], varied: Sequence[_Dimension]) -> str:
    case = found[0].case
    kept = [one.shown(one.of(case)) for one in _COLUMNS if one not in varied and one.of(case)]
    return " · ".join([*kept, counted(len(found), "case")])


def _legend(ends: tuple[float, float], unit: str) -> str:
    if not ends[1] > ends[0]:
        return ""
    steps = "".join(f'<span class="heat-{step}"></span>' for step in range(STEPS))
    return (
        f'<p class="legend ramp" aria-hidden="true"><span>{quantity(ends[0], unit)}</span>'
        f'<span class="steps">{steps}</span><span>{quantity(ends[1], unit)}</span></p>'
    )


def _values(found: Sequence[Taken]) -> str:
    rows = []
    for taken in found:
        figures: Figures | None = taken.figures
        cells = (
            (taken.measurement.error or "no samples", "", "", "")
            if figures is None
            else (
                quantity(figures.median, figures.unit),
                between(figures.low, figures.high, figures.unit),
                quantity(figures.p90, figures.unit),
                f"{figures.used:,}",
            )
        )
        rows.append((conditions(taken.case), *cells))
    return table(rows, ("case", "median", "95 % interval", "p90", "samples"))
