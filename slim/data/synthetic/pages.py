"""Synthetic photographs of text in its surroundings, for detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from slim.data.labels import LabelledBox
from slim.data.synthetic.camera import draw_camera, photograph
from slim.data.synthetic.compositions import LEAST_TEXT, compose
from slim.data.synthetic.draws import Rng, item_rng
from slim.data.synthetic.scene import Scene
from slim.data.synthetic.text import TextMaker
from slim.data.synthetic.typefaces import Typefaces

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
        InputError: The installed fonts do not cover the dictionary, or no line of the texts.
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
        scene, rng = self.scene(index)
        picture = photograph(rng, scene.picture, draw_camera(rng, 1.7 * LEAST_TEXT, may_reduce=False))
        return PagePicture(picture, tuple(LabelledBox(line.quad, line.text, True) for line in scene.lines))

    def scene(self, index: int) -> tuple[Scene, Rng]:
        """An item before the camera, and the generator that draws the camera."""
        rng = item_rng(self._seed, index)
        return compose(rng, self._size, self._maker), rng
