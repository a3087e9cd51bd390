"""Synthetic line pictures, for recognition and classification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from slim.data.synthetic.backgrounds import background
from slim.data.synthetic.camera import draw_camera, photograph
from slim.data.synthetic.draws import Rng, between, between_log, chance
from slim.data.synthetic.ink import apply_ink, draw_ink
from slim.data.synthetic.items import SyntheticItems
from slim.data.synthetic.lettering import PAD, Lettering, letter
from slim.data.synthetic.warp import Matrix, mapped, rectangle, shift, tilt, turn, warped

_SIZES: Final = (15, 52)


@dataclass(frozen=True, eq=False)
class LinePicture:
    """A line and its text.

    Attributes:
        picture: PIL image in mode RGB, 12 to 100 pixels high.
        text: What it says, of the dictionary's characters alone: spaces that can be seen are left out
            where the dictionary has no space.
    """

    picture: Image.Image
    text: str


class SyntheticLines(SyntheticItems[LinePicture]):
    """Lines of text as they are cut out of photographs, drawn with the installed fonts.

    Give the dictionary with ``" "`` where the recognizer has a class for the space. See
    :class:`~slim.data.synthetic.items.SyntheticItems` for arguments and errors.
    """

    def __init__(
        self, characters: Sequence[str], *, count: int, seed: int, texts: Sequence[str] | None = None
    ) -> None:
        super().__init__(characters, count=count, seed=seed, texts=texts)
        self._has_space = " " in characters

    def _draw(self, rng: Rng) -> LinePicture:
        lettering, neighbour = self._lettering(rng)
        picture = _pictured(rng, lettering, neighbour)
        return LinePicture(picture, lettering.text if self._has_space else lettering.text.replace(" ", ""))

    def _lettering(self, rng: Rng) -> tuple[Lettering, Lettering | None]:
        """The line, and perhaps one that stands close to it."""
        size = round(between_log(rng, *_SIZES))
        while True:  # some characters are blank in some faces
            text, hand = self._maker.line(rng)
            if (made := letter(hand, text, size)) is not None:
                break
        if not chance(rng, 0.15):
            return made, None
        return made, letter(hand, self._maker.text(rng, hand, len(text)) or text, size)


def _pictured(rng: Rng, lettering: Lettering, neighbour: Lettering | None) -> Image.Image:
    view, size = _view(rng, lettering)
    ground = background(rng, size)
    ink = draw_ink(rng, ground, lettering.size)
    if chance(rng, 0.12):
        _rule(rng, ground, lettering.height, ink.colour)
    if neighbour is not None:
        gap = between(rng, 0.04, 0.2) * lettering.size
        y = lettering.height + gap if chance(rng, 0.5) else -neighbour.height - gap
        place = view @ shift(between(rng, -0.3, 0.1) * lettering.width, y)
        apply_ink(rng, ground, warped(neighbour.mask, place, size), (0, 0), ink)
    apply_ink(rng, ground, warped(lettering.mask, view, size), (0, 0), ink)
    return photograph(rng, ground, draw_camera(rng, lettering.size, may_reduce=True))


def _view(rng: Rng, lettering: Lettering) -> tuple[Matrix, tuple[int, int]]:
    """How the line lies in its picture, and the picture's size: what a detector's box leaves of it."""
    width, height = lettering.mask.size
    view = np.eye(3)
    if chance(rng, 0.6):
        reach = min(1.0, 4 * height / width)
        sideways, down = between(rng, -0.3, 0.3) * reach, between(rng, -0.1, 0.1)
        view = tilt(width, height, sideways, down, between(rng, -0.2, 0.2))
        view = turn(float(rng.normal(0, 0.012 + 0.03 * reach))) @ view
    corners = mapped(view, rectangle(PAD, PAD, width - PAD, height - PAD))
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    margins = [between(rng, -0.01, 0.22) * lettering.size for _ in range(4)]
    size = round(right - left + margins[0] + margins[2]), round(bottom - top + margins[1] + margins[3])
    return shift(margins[0] - left, margins[1] - top) @ view, (max(8, size[0]), max(8, size[1]))


def _rule(rng: Rng, ground: Image.Image, height: int, colour: tuple[int, int, int]) -> None:
    """A rule of a form or table, above or below the text."""
    edge = between(rng, 0, 0.08) * height
    y = edge if chance(rng, 0.3) else ground.height - 1 - edge
    end = (ground.width, y + between(rng, -2, 2))
    ImageDraw.Draw(ground).line((0, y, *end), fill=colour, width=1 + height // 40)
