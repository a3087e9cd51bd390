"""Whether devices give what the reference gave."""

from __future__ import annotations

from html import escape

from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import FIRST, LOAD, RUN, WARMUP
from deploy_tools.report.material import Material
from deploy_tools.report.numbers import significant
from deploy_tools.report.tables import Cell, scrolled, sortable, text_cell
from deploy_tools.report.words import case_title
from slim.html.fragments import mark

_TIMES = (RUN, FIRST, LOAD, WARMUP)


def parity(material: Material) -> str:
    """A row per check, those that differ first."""
    found = sorted(material.of("parity"), key=lambda one: not one.measurement.verdict)
    if not found:
        return ""
    rows = [
        (
            Cell(case_title(taken.case), taken.case.key),
            text_cell(taken.device),
            _verdict(taken.measurement),
            Cell(_differences(taken.measurement)),
        )
        for taken in found
    ]
    heads = ("Case", "Device", "Verdict", "Largest differences")
    return f'<div class="panel">{scrolled(sortable("Parity", heads, rows, "stacked"), "Parity")}</div>'


def _verdict(measurement: Measurement) -> Cell:
    if not measurement.verdict:
        return Cell(mark("agrees", "passed"), "agrees")
    return Cell(
        f"{mark('differs', 'failed')} {escape(measurement.verdict)}", f"differs {measurement.verdict}"
    )


def _differences(measurement: Measurement) -> str:
    parts = (
        f"<div>{escape(name)} <b>{significant(float(abs(series.values).max()))}</b> "
        f"{escape(series.unit)}</div>"
        for name, series in measurement.series.items()
        if name not in _TIMES and len(series)
    )
    return "".join(parts) or '<span class="muted">–</span>'
