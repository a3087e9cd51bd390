"""What stands in a plot. Places are shares of its width and height, 0 to 1, from its lower left corner.

A plot is stretched to whatever room there is, so widths of strokes do not scale with it, and dots are strokes
without length: thousands of them are one element.
"""

from __future__ import annotations

from html import escape

import numpy as np

from deploy_tools.report.charts.axis import Values

SIDE = 1000
"""Of the drawing's own coordinates: whole numbers, which keeps the page small."""


def dots(x: Values, y: Values, kind: str) -> str:
    """A dot for every pair."""
    across, down = _across(x), _down(y)
    steps = "".join(f"M{a} {b}h.1" for a, b in zip(across, down, strict=True))
    return f'<path class="dots {kind}" d="{steps}"/>' if steps else ""


def line(x: Values, y: Values, kind: str) -> str:
    """A line through all pairs."""
    if not len(x):
        return ""
    return f'<path class="line {kind}" d="{_through(_across(x), _down(y))}"/>'


def band(x: Values, low: Values, high: Values, kind: str) -> str:
    """The area between two lines."""
    if not len(x):
        return ""
    across = _across(x)
    forth, back = _through(across, _down(high)), _through(across[::-1], _down(low)[::-1])
    return f'<path class="band {kind}" d="{forth}L{back[1:]}z"/>'


def bars(left: Values, right: Values, height: Values, kind: str) -> str:
    """Upright bars from the bottom."""
    parts = []
    for begin, end, top in zip(_across(left), _across(right), _down(height), strict=True):
        if top < SIDE:
            parts.append(f"M{begin} {SIDE}V{top}H{end}V{SIDE}z")
    return f'<path class="bars {kind}" d="{"".join(parts)}"/>' if parts else ""


def spans(left: Values, right: Values, kind: str) -> str:
    """Stripes over the whole height."""
    parts = [f"M{a} 0H{b}V{SIDE}H{a}z" for a, b in zip(_across(left), _across(right), strict=True)]
    return f'<path class="spans {kind}" d="{"".join(parts)}"/>' if parts else ""


def uprights(x: Values, low: Values, high: Values, kind: str) -> str:
    """Upright lines, each from its low to its high end: intervals, or marks of a value."""
    parts = [
        f"M{a} {bottom}V{top}" for a, bottom, top in zip(_across(x), _down(low), _down(high), strict=True)
    ]
    return f'<path class="line {kind}" d="{"".join(parts)}"/>' if parts else ""


def levels(y: Values, left: Values, right: Values, kind: str) -> str:
    """Level lines, each from its left to its right end."""
    parts = [f"M{a} {c}H{b}" for c, a, b in zip(_down(y), _across(left), _across(right), strict=True)]
    return f'<path class="line {kind}" d="{"".join(parts)}"/>' if parts else ""


def label(text: str, x: float, y: float, kind: str = "") -> str:
    """A word in a plot, beside a place; HTML, so that it is not stretched with the drawing."""
    # words far to the right stand to the left of their place, so that none leaves the plot
    side = f"right:{100 - 100 * x:.1f}%" if x > 0.6 else f"left:{100 * x:.1f}%"
    return f'<span class="word {kind}" style="{side};bottom:{100 * y:.1f}%">{escape(text)}</span>'


def _across(x: Values) -> list[int]:
    return [int(value) for value in np.rint(x * SIDE)]


def _down(y: Values) -> list[int]:
    return [int(value) for value in np.rint((1 - y) * SIDE)]


def _through(across: list[int], down: list[int]) -> str:
    steps = [f"M{across[0]} {down[0]}"]
    for number in range(1, len(across)):
        right, below = across[number] - across[number - 1], down[number] - down[number - 1]
        steps.append(f"h{right}" if not below else f"v{below}" if not right else f"l{right} {below}")
    return "".join(steps)
