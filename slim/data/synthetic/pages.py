"""Synthetic photographs of text in its surroundings, for detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from slim.data.labels import LabelledBox
from slim.data.synthetic.camera import draw_camera, photograph
from slim.data.synthetic.compositions import LEAST_TEXT, compose
from slim.data.synthetic.draws import Rng
from slim.data.synthetic.items import SyntheticItems
from slim.data.synthetic.scene import Scene

SIZE: Final = (960, 720)


@dataclass(frozen=True, eq=False)
class PagePicture:
    """A picture and its lines of text.

    Attributes:
        picture: PIL image in mode RGB.
        boxes: One for every line, clockwise from the text's top left; at least one.
    """

    picture: Image.Image
    boxes: tuple[LabelledBox, ...]


class SyntheticPages(SyntheticItems[PagePicture]):
    """Photographs of pages, forms, posters and signs, drawn with the installed fonts.

    See :class:`~slim.data.synthetic.items.SyntheticItems` for the other arguments, and for errors.

    Args:
        size: Width and height of the pictures in pixels, 160 or more each.
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
        super().__init__(characters, count=count, seed=seed, texts=texts)
        self._size = size

    def _draw(self, rng: Rng) -> PagePicture:
        scene = self.compose(rng)
        picture = photograph(rng, scene.picture, draw_camera(rng, 1.7 * LEAST_TEXT, may_reduce=False))
        return PagePicture(picture, tuple(LabelledBox(line.quad, line.text, True) for line in scene.lines))

    def compose(self, rng: Rng) -> Scene:
        """What is before the camera, with at least one line."""
        return compose(rng, self._size, self._maker)
