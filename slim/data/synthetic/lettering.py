"""Text set in a face: its coverage of the pixels, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from slim.data.synthetic.alphabet import needs_shaping
from slim.data.synthetic.typefaces import Typeface

SMALL: Final = 26
"""Below this em height in pixels, text is drawn twice as large and reduced: hinting would make it unlike print."""

PAD: Final = 2
"""Empty pixels around the ink, for the warping's kernel."""


@dataclass(frozen=True, eq=False)
class Lettering:
    """A line of text as coverage of pixels.

    Attributes:
        mask: Picture in mode L, 255 where the ink covers a pixel wholly; ``PAD`` empty pixels around the ink.
        text: What it says.
        size: Em height in pixels.
    """

    mask: Image.Image
    text: str
    size: int


def letter(
    face: Typeface, text: str, size: int, *, spacing: float = 0.0, stroke: int = 0
) -> Lettering | None:
    """Set a line of text.

    Args:
        face: With glyphs for all of it.
        text: What to draw.
        size: Em height in pixels.
        spacing: Extra space between letters in em; ignored where letters join or change by their neighbours.
        stroke: Extra thickness of strokes on each side, in pixels.

    Returns:
        None where nothing is to be seen: all glyphs are blank.
    """
    factor = 2 if size < SMALL else 1
    mask = _drawn(face, text, size * factor, spacing, stroke * factor)
    box = mask.getbbox()
    if box is None:
        return None
    if factor == 2:
        mask = mask.crop((box[0] & ~1, box[1] & ~1, (box[2] + 1) & ~1, (box[3] + 1) & ~1)).reduce(2)
        box = mask.getbbox()
        if box is None:
            return None
    padded = mask.crop((box[0] - PAD, box[1] - PAD, box[2] + PAD, box[3] + PAD))
    return Lettering(padded, text, size)


def _drawn(face: Typeface, text: str, size: int, spacing: float, stroke: int) -> Image.Image:
    font = face.load(size)
    if not spacing or any(needs_shaping(character) for character in text):
        left, top, right, bottom = (round(edge) for edge in font.getbbox(text, stroke_width=stroke))
        mask = Image.new("L", (max(1, right - left + 2), max(1, bottom - top + 2)))
        ImageDraw.Draw(mask).text((1 - left, 1 - top), text, fill=255, font=font, stroke_width=stroke)
        return mask
    places, x = [], 0.0
    for character in text:
        places.append(x)
        x += font.getlength(character) + spacing * size
    ascent, descent = font.getmetrics()
    margin = size // 2
    mask = Image.new("L", (int(x) + 2 * margin, ascent + descent + 2 * margin))
    draw = ImageDraw.Draw(mask)
    for character, place in zip(text, places, strict=True):
        draw.text((margin + place, margin), character, fill=255, font=font, stroke_width=stroke)
    return mask
