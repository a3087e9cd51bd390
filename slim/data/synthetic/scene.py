"""A picture under construction: surfaces and lines of text seen by one camera, with a box for every line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from edge.ocr.result import Quad
from slim.data.synthetic.colours import Colour
from slim.data.synthetic.draws import Rng
from slim.data.synthetic.ink import Ink, apply_ink
from slim.data.synthetic.lettering import PAD, Lettering
from slim.data.synthetic.warp import Matrix, mapped, rectangle, shift, warped

EDGE: Final = 2.0
"""Pixels that lines stay away from the edges of the picture."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class DrawnLine:
    """A line as it stands in the picture.

    Attributes:
        text: What it says.
        quad: Float32 array (4, 2): its corners, clockwise from the text's top left.
        ink: Its coverage, mode L, a part of the picture.
        at: Where the upper left pixel of ``ink`` lies in the picture.
    """

    text: str
    quad: Quad
    ink: Image.Image
    at: tuple[int, int]


class Scene:
    """A picture that text is put on.

    Args:
        picture: RGB; it is drawn on.
    """

    def __init__(self, picture: Image.Image) -> None:
        self.picture = picture
        self.lines: list[DrawnLine] = []

    def lay(
        self,
        look: Callable[[tuple[int, int]], Image.Image],
        view: Matrix,
        size: tuple[float, float],
        *,
        shadow: float = 0.0,
    ) -> None:
        """Lay a sheet under the text to come.

        Args:
            look: Gives the sheet's look as RGB of a size; it is not warped, only cut to shape.
            view: From the sheet's pixels to the picture's.
            size: Width and height of the sheet in its own pixels.
            shadow: How far it throws a shadow, in pixels.
        """
        corners = mapped(view, rectangle(0, 0, *size))
        box = self._within(corners, round(3 * shadow))
        if box is None:
            return
        left, top, right, bottom = box
        outline = [(x - left, y - top) for x, y in corners.tolist()]
        shape = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(shape).polygon(outline, fill=255)
        shape = shape.filter(ImageFilter.BoxBlur(0.7))  # edges as smooth as those of the text
        if shadow:
            dark = shape.filter(ImageFilter.BoxBlur(shadow)).point([value * 5 // 8 for value in range(256)])
            at = (left + round(0.7 * shadow), top + round(shadow))
            self.picture.paste((8, 8, 10), at, dark)
        self.picture.paste(look(shape.size), (left, top), shape)

    def rule(
        self, view: Matrix, start: tuple[float, float], end: tuple[float, float], colour: Colour, width: int
    ) -> None:
        """Draw a straight line between two points of a sheet."""
        points = mapped(view, np.array([start, end]))
        ImageDraw.Draw(self.picture).line([(x, y) for x, y in points.tolist()], fill=colour, width=width)

    def print(self, rng: Rng, mask: Image.Image, view: Matrix, ink: Ink) -> None:
        """Print something that is no text, given by its coverage in mode L."""
        box = self._within(mapped(view, rectangle(0, 0, *mask.size)), PAD)
        if box is not None:
            self._print(rng, mask, view, box, ink)

    def place(self, lettering: Lettering, view: Matrix) -> tuple[Quad, Box] | None:
        """Where lettering would come to lie, and the pixels it takes; None where it would leave the picture.

        Args:
            lettering: With its ink's upper left corner at the origin of the view.
            view: From there to the picture.
        """
        margin = box_margin(lettering.size)
        grown = rectangle(-margin, -margin, lettering.width + margin, lettering.height + margin)
        quad = mapped(view, grown).astype(np.float32)
        low, high = quad.min(axis=0), quad.max(axis=0)
        right, bottom = self.picture.width - EDGE, self.picture.height - EDGE
        if low.min() < EDGE or high[0] > right or high[1] > bottom:
            return None
        first, last = (np.floor(low) - PAD).astype(int), (np.ceil(high) + PAD).astype(int)
        return quad, (int(first[0]), int(first[1]), int(last[0]), int(last[1]))

    def write(self, rng: Rng, lettering: Lettering, view: Matrix, ink: Ink) -> bool:
        """Put lettering on the picture; False, and nothing done, where it would leave the picture.

        Arguments as for :meth:`place`.
        """
        placed = self.place(lettering, view)
        if placed is None:
            return False
        quad, box = placed
        mask = self._print(rng, lettering.mask, view @ shift(-PAD, -PAD), box, ink)
        self.lines.append(DrawnLine(lettering.text, quad, mask, box[:2]))
        return True

    def ground(self, box: Box) -> Image.Image:
        """What is in a part of the picture now."""
        return self.picture.crop(box)

    def _print(self, rng: Rng, mask: Image.Image, view: Matrix, box: Box, ink: Ink) -> Image.Image:
        left, top, right, bottom = box
        local = warped(mask, shift(-left, -top) @ view, (right - left, bottom - top))
        apply_ink(rng, self.picture, local, (left, top), ink)
        return local

    def _within(self, corners: Matrix, margin: int) -> Box | None:
        """The part of the picture around some corners; None where they are outside it."""
        low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
        left, top = (max(0, int(edge) - margin) for edge in low)
        right, bottom = (
            min(int(edge) + margin, limit) for edge, limit in zip(high, self.picture.size, strict=True)
        )
        return (left, top, right, bottom) if left < right and top < bottom else None


def box_margin(size: int) -> float:
    """What a box leaves around the ink of a line of an em height, in pixels: labels of people do the same."""
    return 1.0 + 0.06 * size
