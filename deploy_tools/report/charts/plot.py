"""The frame around a chart: axes with their labels, its name, and the values behind it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from deploy_tools.report.charts.axis import Axis
from deploy_tools.report.charts.marks import SIDE, levels
from deploy_tools.report.tables import folded

_EMPTY: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Plot:
    """One plot.

    Attributes:
        name: What screen readers say: what is drawn, and what it shows.
        x: Level axis.
        y: Upright axis.
        marks: What is drawn, as SVG.
        words: Labels in it, as HTML.
        beside: Labels to the right of it: where they stand (0 to 1, from below), and the HTML.
        height: Of the drawing, in CSS pixels.
        show_x: Whether labels of the level axis are written; of plots above each other one has them.
        room_beside: Whether there is room to the right of it, also where nothing stands there.
    """

    name: str
    x: Axis
    y: Axis
    marks: str
    words: str = ""
    beside: tuple[tuple[float, str], ...] = _EMPTY
    height: int = 160
    show_x: bool = True
    room_beside: bool = False

    def html(self) -> str:
        """The plot with its axes."""
        grid = np.array([self.y.at(value) for value, _ in self.y.marks], np.float64)
        lines = levels(grid, np.zeros(len(grid)), np.ones(len(grid)), "grid")
        drawing = (
            f'<svg role="img" aria-label="{escape(self.name, quote=True)}" viewBox="0 0 {SIDE} {SIDE}" '
            f'preserveAspectRatio="none">{lines}{self.marks}</svg>'
        )
        beside = "".join(
            f'<span style="bottom:{100 * place:.1f}%">{content}</span>'
            for place, content in spread(self.beside, 17 / self.height)
        )
        below = ""
        if self.show_x:
            ticks = "".join(
                f'<span style="left:{100 * self.x.at(value):.1f}%">{escape(text)}</span>'
                for value, text in self.x.marks
            )
            below = (
                f'<div class="x-marks" aria-hidden="true">{ticks}</div>'
                f'<div class="x-name" aria-hidden="true">{escape(self.x.name)}</div>'
            )
        ticks = "".join(
            f'<span style="bottom:{100 * self.y.at(value):.1f}%">{escape(text)}</span>'
            for value, text in self.y.marks
        )
        kind = "plot wide-right" if beside or self.room_beside else "plot"
        return (
            f'<div class="y-name" aria-hidden="true">{escape(self.y.name)}</div>'
            f'<div class="{kind}" style="--h:{self.height}px">'
            f'<div class="y-marks" aria-hidden="true">{ticks}</div>'
            f'<div class="drawing">{drawing}{self.words}</div>'
            f"{f'<div class=beside aria-hidden=true>{beside}</div>' if beside else ''}{below}</div>"
        )


def spread(places: tuple[tuple[float, str], ...], apart: float) -> list[tuple[float, str]]:
    """Labels moved up and down until none covers another, in the order they stand.

    Args:
        places: Where each would stand (0 to 1), and what it says.
        apart: Least distance.
    """
    ordered = sorted(places, key=lambda one: one[0])
    found: list[float] = []
    for place, _ in ordered:
        found.append(max(place, found[-1] + apart) if found else place)
    over = found[-1] - 1.0 if found else 0.0
    for number in reversed(range(len(found))):  # what was pushed out above comes down again
        if over <= 0:
            break
        found[number] = min(found[number], 1.0 - apart * (len(found) - 1 - number))
    return [(place, content) for place, (_, content) in zip(found, ordered, strict=True)]


def chart(title: str, plots: str, *, remark: str = "", legend: str = "", behind: str = "") -> str:
    """A figure.

    Args:
        title: As text; empty where what stands around it says enough.
        plots: As HTML.
        remark: What a reader must know of it, such as that points were thinned out; as text.
        legend: As HTML.
        behind: Tables of its values, as HTML.
    """
    values = folded(behind) if behind else ""
    note = f'<p class="small muted">{escape(remark)}</p>' if remark else ""
    caption = f"<figcaption>{escape(title)}</figcaption>" if title else ""
    return f'<figure class="chart">{caption}{legend}{plots}{note}{values}</figure>'
