"""A picture under construction: surfaces and lines of text seen by one camera, with a box for every line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from edge.ocr.result import Quad
from slim.data.synthetic.draws import Rng
from slim.data.synthetic.ink import Ink, apply_ink
from slim.data.synthetic.lettering import PAD, Lettering
from slim.data.synthetic.warp import Matrix, mapped, rectangle, shift, warped

_EDGE = 2.0
"""Pixels that lines stay away from the edges of the picture."""


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

    def lay(self, sheet: Image.Image, view: Matrix, size: tuple[float, float]) -> None:
        """Lay a sheet under the text to come.

        Args:
            sheet: What it looks like, RGB, of the picture's size: it is not warped, only cut to shape.
            view: From the sheet's pixels to the picture's.
            size: Width and height of the sheet in its own pixels.
        """
        corners = mapped(view, rectangle(0, 0, *size))
        shape = Image.new("L", self.picture.size)
        ImageDraw.Draw(shape).polygon([(x, y) for x, y in corners.tolist()], fill=255)
        self.picture.paste(sheet, (0, 0), shape)

    def rule(
        self, view: Matrix, start: tuple[float, float], end: tuple[float, float], ink: Ink, width: int
    ) -> None:
        """Draw a straight line between two points of a sheet."""
        points = mapped(view, np.array([start, end]))
        ImageDraw.Draw(self.picture).line([(x, y) for x, y in points.tolist()], fill=ink.colour, width=width)

    def place(self, lettering: Lettering, view: Matrix) -> tuple[Quad, tuple[int, int, int, int]] | None:
        """Where lettering would come to lie, and the pixels it takes; None where it would leave the picture.

        Args:
            lettering: With its ink's upper left corner at the origin of the view.
            view: From there to the picture.
        """
        width, height = lettering.mask.size
        ink = rectangle(0, 0, width - 2 * PAD, height - 2 * PAD)
        grown = ink + _margin(lettering) * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        quad = mapped(view, grown).astype(np.float32)
        low, high = quad.min(axis=0), quad.max(axis=0)
        if low.min() < _EDGE or high[0] > self.picture.width - _EDGE or high[1] > self.picture.height - _EDGE:
            return None
        left, top = (int(edge) - PAD for edge in np.floor(low))
        right, bottom = (int(edge) + PAD for edge in np.ceil(high))
        return quad, (left, top, right, bottom)

    def write(self, rng: Rng, lettering: Lettering, view: Matrix, ink: Ink) -> bool:
        """Put lettering on the picture; False, and nothing done, where it would leave the picture.

        Arguments as for :meth:`place`.
        """
        placed = self.place(lettering, view)
        if placed is None:
            return False
        quad, (left, top, right, bottom) = placed
        local = shift(-left, -top) @ view @ shift(-PAD, -PAD)
        mask = warped(lettering.mask, local, (right - left, bottom - top))
        apply_ink(rng, self.picture, mask, (left, top), ink)
        self.lines.append(DrawnLine(lettering.text, quad, mask, (left, top)))
        return True

    def ground(self, quad: Quad) -> Image.Image:
        """What is behind a line now."""
        low, high = np.floor(quad.min(axis=0)).astype(int), np.ceil(quad.max(axis=0)).astype(int)
        box = (max(0, int(low[0])), max(0, int(low[1])), int(high[0]), int(high[1]))
        return self.picture.crop(box)


def _margin(lettering: Lettering) -> float:
    """What a box leaves around the ink, in pixels: labels of people do the same."""
    return 1.0 + 0.06 * lettering.size
