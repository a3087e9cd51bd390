"""Colours of surfaces and of inks that can be read on them."""

from __future__ import annotations

import colorsys

from slim.data.synthetic.draws import Rng, between, chance

Colour = tuple[int, int, int]


def luminance(colour: tuple[float, ...]) -> float:
    """Brightness as the eye weighs the channels (Rec. 601), 0 to 255."""
    red, green, blue = colour[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue


def any_colour(rng: Rng, *, vivid: float = 0.5) -> Colour:
    """Any colour.

    Args:
        rng: Where it comes from.
        vivid: Upper bound of the saturation, 0 to 1.
    """
    return _hsv(rng.random(), between(rng, 0, vivid), between(rng, 0.1, 1.0))


def surface_colour(rng: Rng) -> Colour:
    """What signs, walls and paper are painted with: white and light ones most, then strong, then dark ones."""
    kind = rng.random()
    if kind < 0.4:
        return _hsv(rng.random(), between(rng, 0, 0.12), between(rng, 0.78, 1.0))
    if kind < 0.6:
        return _hsv(rng.random(), between(rng, 0.5, 1.0), between(rng, 0.3, 0.9))
    if kind < 0.8:
        return _hsv(rng.random(), between(rng, 0.0, 0.5), between(rng, 0.05, 0.3))
    return any_colour(rng)


def ink_colour(rng: Rng, ground: Colour, *, least: float) -> Colour:
    """An ink that stands out from a ground.

    Args:
        rng: Where it comes from.
        ground: What it is to be seen against.
        least: Difference in luminance that it has at least.
    """
    bright = luminance(ground)
    for _ in range(12):
        colour = _any_ink(rng)
        if abs(luminance(colour) - bright) >= least:
            return colour
    grey = int(between(rng, 0, 25))
    return (grey, grey, grey) if bright > 127 else (255 - grey, 255 - grey, 255 - grey)


def _any_ink(rng: Rng) -> Colour:
    if chance(rng, 0.55):
        grey = int(between(rng, 0, 60)) if chance(rng, 0.6) else int(between(rng, 200, 255))
        return grey, grey, grey
    return _hsv(rng.random(), between(rng, 0.4, 1.0), between(rng, 0.2, 1.0))


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)
