"""Text set in a face: its coverage of the pixels, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from slim.data.synthetic.alphabet import needs_shaping
from slim.data.synthetic.hand import Hand

SMALL: Final = 40
"""Below this em height in pixels, text is drawn twice as large and reduced: print has no hinting."""

PAD: Final = 2
"""Empty pixels around the ink, for the warping's kernel."""


@dataclass(frozen=True, eq=False)
class Lettering:
    """A line of text as coverage of pixels.

    Attributes:
        mask: Picture in mode L, 255 where the ink covers a pixel wholly; ``PAD`` empty pixels around the ink.
        text: What it says.
        size: Em height in pixels.
        drop: How far below the top of its line the ink begins, in pixels: small letters begin lower.
    """

    mask: Image.Image
    text: str
    size: int
    drop: float

    @property
    def width(self) -> int:
        """Width of the ink in pixels."""
        return self.mask.width - 2 * PAD

    @property
    def height(self) -> int:
        """Height of the ink in pixels."""
        return self.mask.height - 2 * PAD


def letter(hand: Hand, text: str, size: int, *, upright: bool = False) -> Lettering | None:
    """Set a line of text.

    Args:
        hand: How; its face has glyphs for all of the text.
        text: What to draw.
        size: Em height in pixels.
        upright: Whether the characters stand one below the other.

    Returns:
        None where nothing is to be seen: all glyphs are blank.
    """
    factor = 2 if size < SMALL else 1
    font = hand.face.load(size * factor)
    stroke = round(hand.stroke * size * factor)
    if upright:
        mask, top = _column(font, text, size * factor, stroke), 0
    elif not hand.spacing or any(needs_shaping(character) for character in text):
        mask, top = _joined(font, text, stroke)
    else:
        mask, top = _spaced(font, text, hand.spacing * size * factor, stroke)
    width = round(mask.width * hand.stretch / factor)
    if (width, factor) != (mask.width, 1):
        mask = mask.resize((max(1, width), max(1, round(mask.height / factor))), Image.Resampling.BOX)
    box = mask.getbbox()
    if box is None:
        return None
    padded = mask.crop((box[0] - PAD, box[1] - PAD, box[2] + PAD, box[3] + PAD))
    return Lettering(padded, text, size, top / factor + box[1])


def _joined(font: ImageFont.FreeTypeFont, text: str, stroke: int) -> tuple[Image.Image, int]:
    """Text as the layout engine sets it, and how far below the line's top the picture begins."""
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text, stroke_width=stroke))
    mask = Image.new("L", (max(1, right - left + 2), max(1, bottom - top + 2)))
    ImageDraw.Draw(mask).text((1 - left, 1 - top), text, fill=255, font=font, stroke_width=stroke)
    return mask, top - 1


def _spaced(font: ImageFont.FreeTypeFont, text: str, spacing: float, stroke: int) -> tuple[Image.Image, int]:
    """Text set character by character."""
    places, x = [], 0.0
    for character in text:
        places.append(x)
        x += font.getlength(character) + spacing
    ascent, descent = font.getmetrics()
    margin = ascent // 2
    mask = Image.new("L", (int(x) + 2 * margin, ascent + descent + 2 * margin))
    draw = ImageDraw.Draw(mask)
    for character, place in zip(text, places, strict=True):
        draw.text((margin + place, margin), character, fill=255, font=font, stroke_width=stroke)
    return mask, -margin


def _column(font: ImageFont.FreeTypeFont, text: str, size: int, stroke: int) -> Image.Image:
    step = round(1.08 * size)
    mask = Image.new("L", (2 * size, step * len(text) + size))
    draw = ImageDraw.Draw(mask)
    for i, character in enumerate(text):
        draw.text((size, size + i * step), character, 255, font, anchor="mm", stroke_width=stroke)
    return mask
