"""Whole scenes: one page, several sheets, signs in a street, a screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from PIL import Image

from slim.data.synthetic.backgrounds import background, surface
from slim.data.synthetic.colours import paper, surface_colour
from slim.data.synthetic.draws import Rng, between, between_log, chance, pick_weighted, whole
from slim.data.synthetic.layouts import fill_page, fill_sign
from slim.data.synthetic.scene import Scene
from slim.data.synthetic.scenery import scenery
from slim.data.synthetic.sheet import Sheet
from slim.data.synthetic.text import TextMaker
from slim.data.synthetic.warp import Matrix, mapped, rectangle, shift, tilt, turn

LEAST_TEXT: Final = 12
"""Em height in pixels of the smallest text."""

Size = tuple[int, int]


def compose(rng: Rng, size: Size, maker: TextMaker) -> Scene:
    """A scene of a size with at least one line."""
    while True:
        scene = pick_weighted(rng, _SCENES)(rng, size, maker)
        if scene.lines:
            return scene


def _page(rng: Rng, size: Size, maker: TextMaker) -> Scene:
    """A page on something else, or so near that only it is seen."""
    near = chance(rng, 0.5)
    zoom = 1.15 if near else between(rng, 0.75, 0.98)
    width, height = zoom * size[0], zoom * size[1]
    if not near and chance(rng, 0.5):
        width *= between(rng, 0.45, 0.9)
    scene = Scene(Image.new("RGB", size) if near else _behind(rng, size))
    view = _view(rng, (width, height), (size[0] / 2, size[1] / 2), strength=0.6)
    scene.lay(_look(rng, light=0.75), view, (width, height), shadow=_shadow(rng))
    fill_page(rng, Sheet(scene, view, width, height, LEAST_TEXT), maker)
    return scene


def _screen(rng: Rng, size: Size, maker: TextMaker) -> Scene:
    """A page as it is, straight: screen shots, scans."""
    scene = Scene(_look(rng, light=0.7)(size))
    fill_page(rng, Sheet(scene, np.eye(3), size[0], size[1], LEAST_TEXT), maker)
    return scene


def _sheets(rng: Rng, size: Size, maker: TextMaker) -> Scene:
    """Several sheets side by side: packages on a shelf, cards on a table."""
    scene = Scene(_behind(rng, size))
    columns, rows = pick_weighted(rng, [(0.4, (2, 1)), (0.3, (2, 2)), (0.3, (3, 2))])
    for row in range(rows):
        for column in range(columns):
            if chance(rng, 0.15):
                continue
            width = size[0] / columns * between(rng, 0.6, 0.9)
            height = size[1] / rows * between(rng, 0.6, 0.9)
            middle = (size[0] * (column + 0.5) / columns, size[1] * (row + 0.5) / rows)
            view = _view(rng, (width, height), middle, strength=0.5)
            scene.lay(_look(rng, light=0.4), view, (width, height), shadow=_shadow(rng))
            fill = fill_sign if chance(rng, 0.4) else fill_page
            fill(rng, Sheet(scene, view, width, height, LEAST_TEXT), maker)
    return scene


def _street(rng: Rng, size: Size, maker: TextMaker) -> Scene:
    """Signs and lettering of all sizes and directions."""
    scene = Scene(scenery(rng, size) if chance(rng, 0.8) else background(rng, size))
    taken: list[Matrix] = []
    for _ in range(whole(rng, 5, 28)):
        height = between_log(rng, 18, 0.4 * size[1])
        width = min(height * between_log(rng, 1.2, 9), 0.9 * size[0])
        if chance(rng, 0.1):  # a sign that stands
            width, height = min(width, height), min(max(width, height), 0.8 * size[1])
        middle = (between(rng, 0.04, 0.96) * size[0], between(rng, 0.04, 0.96) * size[1])
        view = _view(rng, (width, height), middle, strength=1.0)
        corners = mapped(view, rectangle(-4, -4, width + 4, height + 4))
        if any(_meet(corners, other) for other in taken):
            continue
        taken.append(corners)
        if chance(rng, 0.65):
            scene.lay(_look(rng, light=0.15), view, (width, height), shadow=_shadow(rng))
        fill_sign(rng, Sheet(scene, view, width, height, LEAST_TEXT), maker)
    return scene


_SCENES: Final[tuple[tuple[float, Callable[[Rng, Size, TextMaker], Scene]], ...]] = (
    (0.35, _page),
    (0.08, _screen),
    (0.12, _sheets),
    (0.45, _street),
)


def _behind(rng: Rng, size: Size) -> Image.Image:
    return scenery(rng, size) if chance(rng, 0.5) else background(rng, size)


def _look(rng: Rng, *, light: float) -> Callable[[Size], Image.Image]:
    """The look of a sheet; with a probability it is white paper."""
    if chance(rng, light):
        return partial(surface, rng, colour=paper(rng))
    if chance(rng, 0.12):
        return partial(background, rng)
    return partial(surface, rng, colour=surface_colour(rng))


def _shadow(rng: Rng) -> float:
    return between(rng, 2, 8) if chance(rng, 0.5) else 0.0


def _meet(first: Matrix, second: Matrix) -> bool:
    """Whether the upright rectangles around two shapes meet."""
    apart = (first.min(axis=0) >= second.max(axis=0)) | (second.min(axis=0) >= first.max(axis=0))
    return not bool(apart.any())


def _view(rng: Rng, sheet: tuple[float, float], middle: tuple[float, float], *, strength: float) -> Matrix:
    """How a sheet lies before the camera: mostly upright, some slightly turned, some seen from the side.

    Args:
        rng: Where it comes from.
        sheet: Width and height of the sheet in pixels.
        middle: Where its middle is in the picture.
        strength: How far from upright, 1 for signs.
    """
    width, height = sheet
    view = np.eye(3)
    if chance(rng, 0.65):
        reach = strength * min(1.0, 1.5 * height / width)
        sideways, down = between(rng, -0.35, 0.35) * reach, between(rng, -0.2, 0.2) * strength
        view = tilt(width, height, sideways, down, between(rng, -0.08, 0.08))
    upright = chance(rng, 0.85)
    angle = float(rng.normal(0, 0.05 * strength)) if upright else between(rng, -0.5, 0.5) * strength
    return np.asarray(shift(*middle) @ turn(angle) @ shift(-width / 2, -height / 2) @ view, np.float64)
