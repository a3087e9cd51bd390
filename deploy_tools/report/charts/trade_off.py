"""Models by cost and quality; what was made smaller is joined with what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from deploy_tools.report.charts.axis import axis, time_axis
from deploy_tools.report.charts.marks import dots, line, uprights
from deploy_tools.report.charts.plot import Plot


@dataclass(frozen=True)
class Spot:
    """A model in the chart.

    Attributes:
        label: A letter or two that stand beside it; the list of models says which it is.
        name: Of the model.
        cost: Its size or time.
        value: Its accuracy in percent.
        low: Lower end of the accuracy's interval.
        high: Upper end.
        slim: Whether it was made smaller.
        origin: Label of the model it was made of; empty where that is not shown.
    """

    label: str
    name: str
    cost: float
    value: float
    low: float
    high: float
    slim: bool
    origin: str = ""


def trade_off(spots: Sequence[Spot], cost: str, unit: str, measure: str) -> str:
    """The plot.

    Args:
        spots: At least one.
        cost: What the level axis counts, such as ``size``.
        unit: Its unit.
        measure: What the upright axis counts.
    """
    least, most = min(one.low for one in spots), max(one.high for one in spots)
    margin = max(1.0, 0.08 * (most - least))
    y = axis(max(0.0, least - margin), min(100.0, most + margin), f"{measure}, %", count=4)
    x = time_axis(0.0, 1.12 * max(one.cost for one in spots), cost, unit=unit, count=4)
    across = {one.label: x.at(one.cost) for one in spots}
    up = {one.label: y.at(one.value) for one in spots}
    drawn, words = [], []
    for one in spots:
        if one.origin in across:
            drawn.append(
                line(
                    np.array([across[one.origin], across[one.label]]),
                    np.array([up[one.origin], up[one.label]]),
                    "joins",
                )
            )
    for one in spots:
        at = np.array([across[one.label]])
        drawn.append(uprights(at, np.array([y.at(one.low)]), np.array([y.at(one.high)]), "whisker"))
        drawn.append(dots(at, np.array([up[one.label]]), "big slim" if one.slim else "big float"))
        if not one.slim:
            drawn.append(dots(at, np.array([up[one.label]]), "big hole"))
        place = f"left:{100 * across[one.label]:.1f}%;bottom:{100 * up[one.label]:.1f}%"
        words.append(f'<span class="spot" style="{place}">{escape(one.label)}</span>')
    said = f"{measure} against {cost}: " + "; ".join(
        f"{one.name} {one.value:.1f} % at {one.cost:.3g} {unit}" for one in spots
    )
    return Plot(said, x, y, "".join(drawn), words="".join(words), height=220).html()
