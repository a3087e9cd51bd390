"""Colours of surfaces, of things behind them, and of inks that can be read on them."""

from __future__ import annotations

import colorsys
from typing import Final

from slim.data.synthetic.draws import Rng, between, chance, pick_weighted, whole

Colour = tuple[int, int, int]

# hue, saturation and value of what things are painted with, and how often
_PAINTS: Final[tuple[tuple[float, tuple[float, float, float]], ...]] = (
    (3, (0.00, 0.85, 0.75)),  # red
    (1, (0.06, 0.85, 0.90)),  # orange
    (2, (0.13, 0.80, 0.90)),  # yellow
    (2, (0.35, 0.70, 0.45)),  # green
    (1, (0.48, 0.70, 0.55)),  # teal
    (3, (0.60, 0.80, 0.60)),  # blue
    (1, (0.56, 0.50, 0.85)),  # sky
    (1, (0.75, 0.45, 0.55)),  # purple
    (1, (0.93, 0.40, 0.90)),  # pink
)
_EARTHS: Final[tuple[tuple[float, tuple[float, float, float]], ...]] = (
    (3, (0.08, 0.10, 0.45)),  # stone
    (3, (0.08, 0.35, 0.40)),  # wood
    (2, (0.10, 0.25, 0.75)),  # sand
    (2, (0.28, 0.40, 0.30)),  # leaves
    (2, (0.58, 0.15, 0.60)),  # glass, sky
    (2, (0.60, 0.05, 0.12)),  # shade
    (2, (0.10, 0.06, 0.85)),  # plaster
)


def luminance(colour: tuple[float, ...]) -> float:
    """Brightness as the eye weighs the channels (Rec. 601), 0 to 255."""
    red, green, blue = colour[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue


def paint(rng: Rng) -> Colour:
    """A strong colour, of signs and packages."""
    return _about(rng, pick_weighted(rng, _PAINTS), 0.04, 0.25)


def earth(rng: Rng) -> Colour:
    """A dull colour, of walls, ground and plants."""
    return _about(rng, pick_weighted(rng, _EARTHS), 0.03, 0.15)


def anything(rng: Rng) -> Colour:
    """Any colour that things behind a text have."""
    return earth(rng) if chance(rng, 0.65) else paint(rng)


def paper(rng: Rng) -> Colour:
    """White, nearly."""
    return _hsv(between(rng, 0.05, 0.65), between(rng, 0, 0.1), between(rng, 0.82, 1.0))


def surface_colour(rng: Rng) -> Colour:
    """What signs, walls and paper look like: white and light ones most, then strong, then dark ones."""
    kind = rng.random()
    if kind < 0.42:
        return paper(rng)
    if kind < 0.67:
        return paint(rng)
    if kind < 0.87:
        return earth(rng)
    return _hsv(between(rng, 0.5, 0.75), between(rng, 0, 0.4), between(rng, 0.03, 0.25))


def near(rng: Rng, colour: Colour, distance: int) -> Colour:
    """A lighter or darker shade of a colour."""
    step = whole(rng, -distance, distance)
    tint = distance // 4
    red, green, blue = (min(255, max(0, channel + step + whole(rng, -tint, tint))) for channel in colour)
    return red, green, blue


def ink_colour(rng: Rng, ground: Colour, *, least: float) -> Colour:
    """An ink that stands out from a ground.

    Args:
        rng: Where it comes from.
        ground: What it is to be seen against.
        least: Difference in luminance that it has at least, where the ground allows it.
    """
    bright = luminance(ground)
    for _ in range(12):
        colour = _any_ink(rng, dark=bright > 110)
        if abs(luminance(colour) - bright) >= least:
            return colour
    grey = whole(rng, 0, 25)
    return (grey, grey, grey) if bright > 127 else (255 - grey, 255 - grey, 255 - grey)


def _any_ink(rng: Rng, *, dark: bool) -> Colour:
    if chance(rng, 0.65):
        grey = whole(rng, 0, 75) if dark else whole(rng, 190, 255)
        return near(rng, (grey, grey, grey), 12)
    return paint(rng)


def _about(rng: Rng, colour: tuple[float, float, float], hue: float, rest: float) -> Colour:
    h, s, v = colour
    return _hsv(
        (h + between(rng, -hue, hue)) % 1,
        min(1.0, max(0.0, s + between(rng, -rest, rest) * s)),
        min(1.0, max(0.0, v + between(rng, -rest, rest))),
    )


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)
