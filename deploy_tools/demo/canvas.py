"""A picture that remembers where each of its text lines stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from slim.fonts import FontChoice

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]

SCALE: Final = 2
"""Drawn pixels per pixel of the finished picture: smooth edges, also of turned text."""

_MARGIN: Final = 2.0


class PageLine(NamedTuple):
    """One line of text of a page.

    Attributes:
        text: What it says.
        quad: Float32 array (4, 2): corners in pixels, clockwise from the text's top left, so that an
            upside-down line starts with the corner at the bottom right.
    """

    text: str
    quad: npt.NDArray[np.float32]


class Canvas:
    """A transparent picture to draw on, in pixels of the finished picture.

    Args:
        width: Width of the finished picture.
        height: Its height.
    """

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.lines: list[PageLine] = []
        self._image = Image.new("RGBA", (width * SCALE, height * SCALE), (255, 255, 255, 0))
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self,
        at: tuple[float, float],
        text: str,
        font: FontChoice,
        size: float,
        fill: Colour,
        *,
        anchor: str = "ls",
        spacing: float = 0,
    ) -> None:
        """Draw a line of text and note its place.

        Args:
            at: Where its anchor goes.
            text: What to draw.
            font: With which font.
            size: Em height in pixels.
            fill: Ink.
            anchor: Pillow's two letters: horizontal ``l``, ``m`` or ``r``; vertical ``s`` for the base line.
            spacing: Extra pixels between letters; with the anchor at the left only.
        """
        loaded = font.load(size * SCALE)
        x, y = at[0] * SCALE, at[1] * SCALE
        corners = []
        for part in text if spacing else [text]:
            box = np.array(loaded.getbbox(part, anchor=anchor), np.float32).reshape(2, 2)
            corners.append(box + np.array([x, y], np.float32))
            self._draw.text((x, y), part, fill=fill, font=loaded, anchor=anchor)
            x += loaded.getlength(part) + spacing * SCALE
        left, top = np.min(corners, axis=(0, 1)) / SCALE - _MARGIN
        right, bottom = np.max(corners, axis=(0, 1)) / SCALE + _MARGIN
        quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
        self.lines.append(PageLine(text, quad))

    def box(
        self,
        box: Box,
        *,
        fill: Colour | None = None,
        outline: Colour | None = None,
        width: float = 1,
        radius: float = 0,
    ) -> None:
        """Draw a rectangle, given by its left, top, right and bottom edge."""
        scaled = tuple(value * SCALE for value in box)
        self._draw.rounded_rectangle(
            scaled, radius * SCALE, fill=fill, outline=outline, width=round(width * SCALE)
        )

    def curve(self, points: Sequence[tuple[float, float]], fill: Colour, width: float) -> None:
        """Draw a line through some points."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=fill, width=round(width * SCALE), joint="curve")

    def paste(self, inset: Canvas, centre: tuple[float, float], degrees: float, opacity: float = 1) -> None:
        """Lay another canvas on this one, turned, and take over its lines.

        Args:
            inset: What to lay on.
            centre: Where its centre goes.
            degrees: Turn, clockwise as seen.
            opacity: 0 to 1.
        """
        turned = inset._image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True)
        turned.putalpha(turned.getchannel("A").point(lambda alpha: int(alpha * opacity)))
        corner = (
            round(centre[0] * SCALE - turned.width / 2),
            round(centre[1] * SCALE - turned.height / 2),
        )
        self._image.alpha_composite(turned, corner)
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        turn = np.array([[cosine, sine], [-sine, cosine]], np.float32)
        middle = np.array(inset.size, np.float32) / 2
        for line in inset.lines:
            quad = (line.quad - middle) @ turn + np.array(centre, np.float32)
            self.lines.append(PageLine(line.text, quad.astype(np.float32)))

    def finish(self, background: Colour) -> Image.Image:
        """The finished picture, RGB, on an even background."""
        ground = Image.new("RGBA", self._image.size, (*background, 255))
        return Image.alpha_composite(ground, self._image).convert("RGB").reduce(SCALE)
