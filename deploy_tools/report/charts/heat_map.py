"""A heat map: how long each of two conditions' combinations takes. Every cell says its value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from deploy_tools.report.tables import scrolled

STEPS: Final = 7
"""Shades that the page's style has."""


@dataclass(frozen=True)
class Heat:
    """A cell.

    Attributes:
        value: What it is coloured by, larger than 0; None where there is none.
        text: What it says.
        remark: More about it, such as an interval.
    """

    value: float | None
    text: str
    remark: str = ""


def heat_map(
    name: str,
    corner: str,
    columns: Sequence[str],
    rows: Sequence[str],
    cells: Mapping[tuple[int, int], Heat],
    ends: tuple[float, float],
) -> str:
    """A table whose cells are coloured.

    Args:
        name: What it shows, for screen readers; as text.
        corner: What rows and columns are.
        columns: Names of columns.
        rows: Names of rows.
        cells: By row and column; where there is none nothing was measured.
        ends: Values of the first and the last shade.
    """
    best = min((heat.value for heat in cells.values() if heat.value is not None), default=None)
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in columns)
    body = []
    for row, title in enumerate(rows):
        made = [_cell(cells.get((row, column)), best, ends) for column in range(len(columns))]
        body.append(f'<tr><th scope="row">{escape(title)}</th>{"".join(made)}</tr>')
    return scrolled(
        f'<table class="heat"><thead><tr><th scope="col" class="corner">{escape(corner)}</th>{head}</tr>'
        f"</thead><tbody>{''.join(body)}</tbody></table>",
        name,
    )


def shade(value: float, ends: tuple[float, float]) -> int:
    """The shade of a value: in steps of equal ratios, as twice as long is twice as bad everywhere."""
    low, high = ends
    if not high > low > 0:
        return 0
    return max(0, min(STEPS - 1, int(STEPS * math.log(value / low) / math.log(high / low))))


def _cell(heat: Heat | None, best: float | None, ends: tuple[float, float]) -> str:
    if heat is None:
        return '<td class="none"><span class="muted">–</span></td>'
    if heat.value is None:
        return f'<td class="none">{escape(heat.text)}</td>'
    first = heat.value == best
    star = '<span class="best">fastest</span>' if first else ""
    title = f' title="{escape(heat.remark, quote=True)}"' if heat.remark else ""
    kind = f"heat-{shade(heat.value, ends)}{' first' if first else ''}"
    return f'<td class="{kind}"{title}><b>{escape(heat.text)}</b>{star}</td>'
