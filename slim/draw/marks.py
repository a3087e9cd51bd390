"""Outlines and number badges."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from slim.fonts import find_font

Quad = npt.NDArray[np.float32]
Colour = tuple[int, int, int]

_OVERSAMPLING: Final = 3


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """A colour with a share (0 to 1) of another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def mark_quad(
    image: Image.Image, quad: Quad, colour: Colour, *, width: float, opacity: float, dashed: bool = False
) -> None:
    """Outline and tint a quadrilateral, with smooth edges.

    Args:
        image: RGB picture to draw on; what lies outside it is cut off.
        quad: Corners in pixels, in order.
        colour: Of both.
        width: Of the outline in pixels.
        opacity: Of the tint, 0 to 1.
        dashed: Whether the outline is broken.
    """
    pad = math.ceil(width) + 1
    left, top = (max(0, math.floor(value) - pad) for value in quad.min(axis=0))
    limits = zip(quad.max(axis=0), image.size, strict=True)
    right, bottom = (min(limit, math.ceil(value) + pad) for value, limit in limits)
    if left >= right or top >= bottom:
        return
    # only the neighbourhood is oversampled: a page has hundreds of lines
    mask = Image.new("L", ((right - left) * _OVERSAMPLING, (bottom - top) * _OVERSAMPLING), 0)
    draw = ImageDraw.Draw(mask)
    corners = [((x - left) * _OVERSAMPLING, (y - top) * _OVERSAMPLING) for x, y in quad.tolist()]
    draw.polygon(corners, fill=round(255 * opacity))
    stroke = round(width * _OVERSAMPLING)
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        for piece in _dashes(start, end, stroke) if dashed else [(start, end)]:
            draw.line(piece, fill=255, width=stroke)
        if not dashed:
            # round the corners, where two strokes leave a notch
            draw.ellipse([value + sign * stroke / 2 for sign in (-1, 1) for value in start], fill=255)
    image.paste(colour, (left, top, right, bottom), mask.reduce(_OVERSAMPLING))


def draw_badge(image: Image.Image, quad: Quad, label: str, colour: Colour, height: float) -> None:
    """Put a small label left of a quadrilateral, or above it where there is no room; kept inside the picture.

    Args:
        image: RGB picture to draw on.
        quad: Corners in pixels, in order.
        label: A short text.
        colour: Of the badge; the label is white.
        height: Of the badge in pixels.
    """
    font = find_font(label, bold=True).load(max(7, round(height * 0.78)))
    width = max(height, font.getlength(label) + height * 0.5)
    # the leftmost corners: where the text begins, for lines that lie or stand
    start = quad[np.argsort(quad[:, 0], kind="stable")[:2]].mean(axis=0)
    x, y = float(start[0]) - width - height * 0.15, float(start[1]) - height / 2
    if x < 1:
        # no room before it: above
        x, y = 1.0, float(quad[:, 1].min()) - height * 1.1
    x = min(x, max(1.0, image.width - width - 1))
    y = min(max(y, 1.0), max(1.0, image.height - height - 1))
    badge = Image.new("L", (math.ceil(width) * _OVERSAMPLING, math.ceil(height) * _OVERSAMPLING), 0)
    ImageDraw.Draw(badge).rounded_rectangle(
        (0, 0, badge.width - 1, badge.height - 1), height * 0.3 * _OVERSAMPLING, fill=255
    )
    badge = badge.reduce(_OVERSAMPLING)
    image.paste(colour, (round(x), round(y)), badge)
    middle = (round(x) + badge.width / 2, round(y) + badge.height / 2)
    cap_height = -font.getbbox("0", anchor="ls")[1]
    ImageDraw.Draw(image).text(
        (middle[0], middle[1] + cap_height / 2), label, fill=(255, 255, 255), font=font, anchor="ms"
    )


def _dashes(
    start: tuple[float, float], end: tuple[float, float], stroke: int
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Pieces of a side, as many as fit, that begin and end at its corners."""
    count = max(1, round(math.dist(start, end) / (stroke * 7)))
    # count dashes and count - 1 gaps; a gap is three quarters of a dash
    dash = 1 / (count + (count - 1) * 0.75)

    def at(share: float) -> tuple[float, float]:
        return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share

    return [(at(dash * 1.75 * place), at(dash * (1.75 * place + 1))) for place in range(count)]
