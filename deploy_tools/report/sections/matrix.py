"""The device matrix: models by devices, medians with their intervals."""

from __future__ import annotations

from html import escape

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.series import FEW
from deploy_tools.report.material import Material
from deploy_tools.report.numbers import quantity
from deploy_tools.report.tables import Cell, scrolled, sortable
from deploy_tools.report.taken import Taken
from deploy_tools.report.words import case_title, figure_words, flag_marks

SHOWN = ("latency", "ocr")


def matrix(material: Material) -> str:
    """A row per case, a column per device; every figure leads to its samples."""
    cases: dict[Case, dict[str, Taken]] = {}
    for taken in material.newest:
        if taken.case.scenario in SHOWN and _shown(taken):
            cases.setdefault(taken.case, {})[taken.device] = taken
    if not cases:
        return ""
    devices = [name for name in material.devices if any(name in row for row in cases.values())]
    rows = [
        [Cell(case_title(case), case.key), *(_cell(found.get(device), _longest(found)) for device in devices)]
        for case, found in cases.items()
    ]
    head = "Model or pipeline"
    made = sortable("Median latency by case and device", (head, *devices), rows, "matrix")
    bars = " Bars are as long as times beside the slowest device of the row." if len(devices) > 1 else ""
    return (
        '<p class="small muted">Median with its 95 % interval, of samples that are neither disturbed nor '
        f"throttled; of all where fewer than {FEW} are not.{bars}</p>"
        f'<div class="panel">{scrolled(made, "Device matrix")}</div>'
    )


def _shown(taken: Taken) -> bool:
    return taken.figures is not None or taken.average is not None or not taken.measurement.ok


def _longest(found: dict[str, Taken]) -> float:
    """Longest median of a row; 0 where there is nothing to set it beside."""
    medians = [taken.figures.median for taken in found.values() if taken.figures is not None]
    return max(medians) if len(medians) > 1 else 0.0


def _cell(taken: Taken | None, longest: float) -> Cell:
    if taken is None:
        return Cell('<span class="muted">–</span>')
    if taken.figures is None and taken.average is not None:
        mean, unit = float(taken.average.values[0]), taken.average.unit
        return Cell(f'<b>{quantity(mean, unit)}</b> <span class="interval">average, no samples</span>', mean)
    if taken.figures is None:
        return Cell(f'<a class="lost" href="#{taken.anchor}">failed</a>')
    figures = taken.figures
    bar = ""
    if longest > 0:
        width = f"width:{100 * figures.median / longest:.1f}%"
        bar = f'<span class="measure" aria-hidden="true"><span style="{width}"></span></span>'
    return Cell(
        f'<a href="#{taken.anchor}" aria-label="{escape(_link_name(taken), quote=True)}">'
        f"{figure_words(figures)}</a>{bar}{flag_marks(figures)}",
        figures.median,
    )


def _link_name(taken: Taken) -> str:
    figures = taken.figures
    assert figures is not None  # noqa: S101  (asked before)
    return f"{figures.median:.4g} {figures.unit}, details of {taken.case.subject} on {taken.device}"
