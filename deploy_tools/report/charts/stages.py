"""What share of a pipeline's time each of its stages takes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from deploy_tools.report.charts.marks import SIDE
from deploy_tools.report.numbers import quantity
from deploy_tools.report.tables import folded, table


def stages(parts: Sequence[tuple[str, float]], unit: str, whole: float, what: str) -> str:
    """One bar, divided.

    Args:
        parts: Stages in their order, with the median of each.
        unit: Of the medians.
        whole: Median of the whole; what no stage explains is shown too.
        what: What was measured where, for the chart's name.
    """
    known = sum(value for _, value in parts)
    rest = whole - known
    shown = [*parts, *([("around them", rest)] if rest > 0.005 * whole else [])]
    total = sum(value for _, value in shown)
    if total <= 0:
        return ""
    ends = np.cumsum([value / total for _, value in shown])
    begins = [0.0, *ends[:-1]]
    drawn = "".join(
        f'<rect class="stage-{number}" x="{SIDE * begin:.0f}" width="{SIDE * (end - begin):.0f}" '
        f'height="{SIDE}"/>'
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True))
    )
    name = f"{what}: " + ", ".join(f"{stage} {quantity(value, unit)}" for stage, value in shown)
    keys = "".join(
        f'<span><span class="key stage-{number}"></span>{escape(stage)} <b>{quantity(value, unit)}</b> '
        f'<span class="muted">{100 * value / total:.0f} %</span></span>'
        for number, (stage, value) in enumerate(shown)
    )
    rows = [(stage, quantity(value, unit), f"{100 * value / total:.1f} %") for stage, value in shown]
    values = folded(table(rows, ("stage", "median", "share")))
    return (
        '<figure class="chart"><figcaption>Stages, median of each</figcaption>'
        f'<svg class="bar" role="img" aria-label="{escape(name, quote=True)}" viewBox="0 0 {SIDE} {SIDE}" '
        f'preserveAspectRatio="none">{drawn}</svg><p class="legend">{keys}</p>{values}</figure>'
    )
