"""Setting a line of text into a quadrilateral of a picture."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from edge.ocr.crop import VERTICAL_RATIO
from slim.draw.marks import Colour, Quad
from slim.fonts import FontChoice, essential_characters

_OVERSAMPLING: Final = 2
# em height as a share of the box's height, from the largest down to the one below which text is squeezed
# first: detected boxes leave some room around the ink
_LARGEST_EM, _GOOD_EM = 0.9, 0.72
_SMALLEST_EM: Final = 7.0
# how far text is squeezed or stretched to fill its box
_NARROWEST, _WIDEST = 0.75, 1.12
# free room at both ends, as a share of the box's height
_PADDING: Final = 0.1
_LAST_LATIN: Final = "\u024f"


@dataclass(frozen=True)
class TextFrame:
    """Where and how large a line's text stands, as an upright reader sees it.

    Attributes:
        centre: Middle of the line in pixels.
        width: Length along the text.
        height: Height across it.
        degrees: Clockwise turn of the text, more than -90 to 90: upside-down lines are shown upright.
    """

    centre: tuple[float, float]
    width: float
    height: float
    degrees: float

    @classmethod
    def of(cls, quad: Quad) -> TextFrame:
        """The frame of a quadrilateral, clockwise from the text's top left.

        A quadrilateral much taller than wide holds a line that runs downwards from its second corner, as
        :func:`edge.ocr.crop.crop_line` turns it.
        """
        along = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
        across = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
        width, height = math.hypot(*along), math.hypot(*across)
        if height >= VERTICAL_RATIO * width:
            along, width, height = across, height, width
        degrees = math.degrees(math.atan2(along[1], along[0]))
        # vertical lines keep their direction, up or down: neither is upside down
        if abs(degrees) > 100:
            degrees -= math.copysign(180, degrees)
        x, y = quad.mean(axis=0).tolist()
        return cls((x, y), width, height, degrees)


def clean(text: str) -> str:
    """The text as one line: control characters, tabs and line ends become spaces."""
    return "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)


def draw_fitted_text(image: Image.Image, frame: TextFrame, text: str, font: FontChoice, fill: Colour) -> None:
    """Draw a line of text, turned and sized to fill its frame, from the frame's beginning.

    Args:
        image: RGB picture to draw on.
        frame: Where to; frames of less than a pixel are passed over.
        text: What to draw; see :func:`clean`.
        font: With which font.
        fill: Colour of the text.
    """
    if frame.width < 1 or frame.height < 1 or not essential_characters(text):
        return
    mask = _level_mask(frame, text, font)
    if abs(frame.degrees) > 0.3:
        mask = mask.rotate(-frame.degrees, Image.Resampling.BICUBIC, expand=True)
    size = (max(1, round(mask.width / _OVERSAMPLING)), max(1, round(mask.height / _OVERSAMPLING)))
    mask = mask.resize(size, Image.Resampling.BOX)
    corner = (round(frame.centre[0] - mask.width / 2), round(frame.centre[1] - mask.height / 2))
    image.paste(fill, (*corner, corner[0] + mask.width, corner[1] + mask.height), mask)


def _level_mask(frame: TextFrame, text: str, font: FontChoice) -> Image.Image:
    """The level text as an oversampled mask, as large as the frame or as the smallest legible text."""
    padding = min(frame.height, frame.width) * _PADDING
    room = frame.width - 2 * padding
    # lengths grow in proportion to the em height
    fitting = room / max(font.load(100).getlength(text) / 100, 0.01)
    em = min(max(fitting, frame.height * _GOOD_EM), frame.height * _LARGEST_EM, fitting / _NARROWEST)
    em = max(em, _SMALLEST_EM)
    loaded = font.load(round(em * _OVERSAMPLING))
    length = max(1, math.ceil(loaded.getlength(text)))
    height = math.ceil(max(frame.height, em * 1.3) * _OVERSAMPLING)
    line = Image.new("L", (length, height), 0)
    # Latin is centred by capitals and descenders, whatever the text has of them, so that neighbours share a
    # base line; other scripts by their ink
    sample = "Hg" if max(text) <= _LAST_LATIN else text
    top, bottom = loaded.getbbox(sample, anchor="ls")[1::2]
    ImageDraw.Draw(line).text((0, (height - top - bottom) / 2), text, fill=255, font=loaded, anchor="ls")
    filling = min(max(room * _OVERSAMPLING / length, _NARROWEST), _WIDEST)
    line = line.resize((max(1, round(length * filling)), height), Image.Resampling.BILINEAR)
    mask = Image.new("L", (max(line.width, math.ceil(frame.width * _OVERSAMPLING)), height), 0)
    mask.paste(line, (round(padding * _OVERSAMPLING) if line.width < mask.width else 0, 0))
    return mask
