"""Synthetic photographs of text in its surroundings, for detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from slim.data.labels import LabelledBox
from slim.data.synthetic.backgrounds import background, surface
from slim.data.synthetic.camera import draw_camera, photograph
from slim.data.synthetic.colours import surface_colour
from slim.data.synthetic.draws import Rng, between, between_log, chance, item_rng, pick_weighted, whole
from slim.data.synthetic.scene import Scene
from slim.data.synthetic.scenery import scenery
from slim.data.synthetic.sheets import Sheet, fill_sheet
from slim.data.synthetic.text import TextMaker
from slim.data.synthetic.typefaces import Typefaces
from slim.data.synthetic.warp import Matrix, mapped, rectangle, shift, tilt, turn

SIZE: Final = (960, 720)
LEAST_TEXT: Final = 12
"""Em height in pixels of the smallest text."""


@dataclass(frozen=True, eq=False)
class PagePicture:
    """A picture and its lines of text.

    Attributes:
        picture: PIL image in mode RGB.
        boxes: One for every line, clockwise from the text's top left; at least one.
    """

    picture: Image.Image
    boxes: tuple[LabelledBox, ...]


class SyntheticPages(Sequence[PagePicture]):
    """Photographs of pages, forms, posters and signs, drawn with the installed fonts.

    Item ``i`` depends on the seed and ``i`` alone, not on what was drawn before, nor in which process; on
    another machine other fonts make other pictures.

    Args:
        characters: The dictionary.
        count: Number of items.
        seed: 0 or more.
        size: Width and height of the pictures in pixels, 160 or more each.
        texts: Lines to draw from; made-up ones where None.

    Raises:
        InputError: The installed fonts do not cover the dictionary.
    """

    def __init__(
        self,
        characters: Sequence[str],
        *,
        count: int,
        seed: int,
        size: tuple[int, int] = SIZE,
        texts: Sequence[str] | None = None,
    ) -> None:
        self._maker = TextMaker(Typefaces(characters), texts)
        self._count, self._seed, self._size = count, seed, size

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> PagePicture:  # type: ignore[override]
        if not 0 <= index < self._count:
            raise IndexError(index)
        rng = item_rng(self._seed, index)
        scene = self.compose(rng)
        camera = draw_camera(rng, 2 * LEAST_TEXT, may_reduce=False)
        picture = photograph(rng, scene.picture, camera)
        return PagePicture(picture, tuple(LabelledBox(line.quad, line.text, True) for line in scene.lines))

    def compose(self, rng: Rng) -> Scene:
        """The scene before a camera, with at least one line."""
        while True:
            kind = pick_weighted(rng, [(0.4, _one_sheet), (0.45, _street), (0.15, _sheets)])
            scene = kind(rng, self._size, self._maker)
            if scene.lines:
                return scene


def _one_sheet(rng: Rng, size: tuple[int, int], maker: TextMaker) -> Scene:
    """A page that fills the picture, or nearly, on something else."""
    whole_frame = chance(rng, 0.5)
    zoom = 1.15 if whole_frame else between(rng, 0.75, 0.98)
    width, height = zoom * size[0], zoom * size[1]
    if not whole_frame and chance(rng, 0.5):
        width *= between(rng, 0.45, 0.9)
    scene = Scene(scenery(rng, size) if not whole_frame else Image.new("RGB", size))
    view = _view(rng, size, (width, height), (size[0] / 2, size[1] / 2), strength=0.6)
    scene.lay(_ground(rng, size), view, (width, height))
    fill_sheet(rng, Sheet(scene, view, width, height, LEAST_TEXT), maker, sign=False)
    return scene


def _sheets(rng: Rng, size: tuple[int, int], maker: TextMaker) -> Scene:
    """Several sheets side by side: packages on a shelf, cards on a table."""
    scene = Scene(background(rng, size))
    columns, rows = pick_weighted(rng, [(0.4, (2, 1)), (0.3, (2, 2)), (0.3, (3, 2))])
    for row in range(rows):
        for column in range(columns):
            if chance(rng, 0.15):
                continue
            width = size[0] / columns * between(rng, 0.6, 0.9)
            height = size[1] / rows * between(rng, 0.6, 0.9)
            middle = (size[0] * (column + 0.5) / columns, size[1] * (row + 0.5) / rows)
            view = _view(rng, size, (width, height), middle, strength=0.5)
            scene.lay(_ground(rng, size), view, (width, height))
            sign = chance(rng, 0.4)
            fill_sheet(rng, Sheet(scene, view, width, height, LEAST_TEXT), maker, sign=sign)
    return scene


def _street(rng: Rng, size: tuple[int, int], maker: TextMaker) -> Scene:
    """Signs and lettering of all sizes and directions before something out of focus."""
    scene = Scene(scenery(rng, size) if chance(rng, 0.7) else background(rng, size))
    taken: list[Matrix] = []
    for _ in range(whole(rng, 2, 12)):
        height = between_log(rng, 18, 0.4 * size[1])
        width = min(height * between_log(rng, 1.2, 9), 0.9 * size[0])
        middle = (between(rng, 0.08, 0.92) * size[0], between(rng, 0.08, 0.92) * size[1])
        view = _view(rng, size, (width, height), middle, strength=1.0)
        corners = mapped(view, rectangle(-4, -4, width + 4, height + 4))
        if any(_overlap(corners, other) for other in taken):
            continue
        taken.append(corners)
        if chance(rng, 0.65):
            scene.lay(_ground(rng, size), view, (width, height))
        fill_sheet(rng, Sheet(scene, view, width, height, LEAST_TEXT), maker, sign=True)
    return scene


def _ground(rng: Rng, size: tuple[int, int]) -> Image.Image:
    return background(rng, size) if chance(rng, 0.15) else surface(rng, size, surface_colour(rng))


def _overlap(first: Matrix, second: Matrix) -> bool:
    """Whether the upright rectangles around two shapes meet."""
    return bool(
        (first.min(axis=0) < second.max(axis=0)).all() and (second.min(axis=0) < first.max(axis=0)).all()
    )


def _view(
    rng: Rng,
    size: tuple[int, int],
    sheet: tuple[float, float],
    middle: tuple[float, float],
    *,
    strength: float,
) -> Matrix:
    """How a sheet lies before the camera: mostly upright, some slightly turned, some seen from the side."""
    width, height = sheet
    view = np.eye(3)
    if chance(rng, 0.65):
        reach = strength * min(1.0, 1.5 * height / width)
        view = tilt(
            width,
            height,
            between(rng, -0.35, 0.35) * reach,
            between(rng, -0.2, 0.2) * strength,
            between(rng, -0.08, 0.08),
        )
    angle = float(rng.normal(0, 0.05 * strength)) if chance(rng, 0.8) else between(rng, -0.5, 0.5) * strength
    centred = shift(-width / 2, -height / 2) @ view
    return np.asarray(shift(*middle) @ turn(angle) @ centred, np.float64)
