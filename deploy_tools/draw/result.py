"""What OCR read, as one picture: the lines marked, and beside them their text at the same places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from deploy_tools.draw.fitted_text import TextFrame, clean, draw_fitted_text
from edge.ocr.image import to_rgb
from edge.ocr.result import TextLine
from slim.draw.marks import Colour, Quad, draw_badge, mark_quad, mix
from slim.fonts import FontChoice, find_font

LOW_SCORE: Final = 0.8
"""Lines with a lower mean character probability are marked as doubtful."""

# line colours, and one for doubtful lines that is near none of them
_COLOURS: Final[tuple[Colour, ...]] = (
    (29, 99, 220),
    (13, 138, 118),
    (124, 58, 222),
    (2, 132, 199),
    (200, 36, 120),
    (22, 140, 62),
    (79, 70, 229),
)
_DOUBTFUL: Final[Colour] = (222, 84, 10)
_BLACK: Final[Colour] = (0, 0, 0)
_PANEL: Final[Colour] = (255, 255, 255)
_GROUND: Final[Colour] = (236, 239, 243)
_CAPTION: Final[Colour] = (71, 80, 94)

# longer side of the shown picture in pixels, and the height that its median line should reach
_SHORTEST, _USUAL, _LONGEST = 640, 1400, 2600
_LINE_HEIGHT: Final = 18.0
_LARGEST_ZOOM: Final = 8.0
# pictures wider than this many heights stand above their text
_WIDE: Final = 1.8


@dataclass(frozen=True, eq=False)
class _Entry:
    """One line as it is drawn; ``quad`` in pixels of the shown picture."""

    label: str
    text: str
    quad: Quad
    frame: TextFrame
    font: FontChoice
    colour: Colour
    doubtful: bool


def draw_result(
    image: Image.Image,
    lines: Sequence[TextLine],
    *,
    size: tuple[int, int] | None = None,
    low_score: float = LOW_SCORE,
) -> Image.Image:
    """Draw a picture and the text read in it, side by side; a wide picture above its text.

    Each line has a number, its place in ``lines``, and a colour, the same on both sides. Doubtful lines
    are orange, with a dashed outline and their score; upside-down lines are shown upright, marked 180°.
    Small pictures are enlarged and huge ones reduced so that the text can be read.

    Args:
        image: The upright picture, of any mode.
        lines: What was read in it.
        size: Width and height of the picture that the quadrilaterals refer to, where ``image`` is a
            reduced copy of it.
        low_score: Lines below are marked as doubtful.

    Returns:
        RGB picture; each half is at most 2600 pixels a side.

    Raises:
        InputError: ``PPOCR_EDGE_FONTS`` names something that does not exist.
    """
    width, height = size or image.size
    zoom = _zoom(width, height, lines)
    shown = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    photo = to_rgb(image).resize(shown, Image.Resampling.LANCZOS, reducing_gap=2.0)
    panel = Image.new("RGB", shown, _PANEL)
    entries = _entries(lines, zoom, low_score)
    stroke = min(max(1.2, _median_height(entries) / 12), max(1.5, max(shown) / 900))
    for entry in entries:
        mark_quad(photo, entry.quad, entry.colour, width=stroke, opacity=0.14, dashed=entry.doubtful)
        mark_quad(panel, entry.quad, entry.colour, width=stroke / 2, opacity=0.09, dashed=entry.doubtful)
    for entry in entries:
        draw_fitted_text(panel, entry.frame, entry.text, entry.font, mix(entry.colour, _BLACK, 0.5))
    return _sheet(photo, panel, entries, _notes(lines, entries, low_score))


def _zoom(width: int, height: int, lines: Sequence[TextLine]) -> float:
    """Shown pixels per pixel: the usual size, or larger where the lines are small."""
    longer = max(width, height)
    zoom = min(max(1.0, _SHORTEST / longer), _USUAL / longer, _LARGEST_ZOOM)
    heights = [frame.height for line in lines if (frame := TextFrame.of(line.quad)).height > 0]
    if heights:
        zoom = max(zoom, min(_LINE_HEIGHT / float(np.median(heights)), _LONGEST / longer, _LARGEST_ZOOM))
    return zoom


def _entries(lines: Sequence[TextLine], zoom: float, low_score: float) -> list[_Entry]:
    entries = []
    for number, line in enumerate(lines, 1):
        text, quad = clean(line.text), np.asarray(line.quad * zoom, np.float32)
        doubtful = line.score < low_score
        marks = [f"{line.score:.2f}"] * doubtful + ["180°"] * line.rotated
        colour = _DOUBTFUL if doubtful else _COLOURS[(number - 1) % len(_COLOURS)]
        label = "  ".join([str(number), *marks])
        entries.append(_Entry(label, text, quad, TextFrame.of(quad), find_font(text), colour, doubtful))
    return entries


def _median_height(entries: Sequence[_Entry]) -> float:
    return float(np.median([entry.frame.height for entry in entries])) if entries else 0.0


def _notes(lines: Sequence[TextLine], entries: Sequence[_Entry], low_score: float) -> list[str]:
    if not lines:
        return ["No text found"]
    doubtful = sum(entry.doubtful for entry in entries)
    notes = [f"{len(lines)} line{'s' * (len(lines) != 1)} read"]
    if doubtful:
        notes[0] += f", {doubtful} of them doubtful (score below {low_score:.2f}, dashed orange)"
    missing = "".join(dict.fromkeys("".join(entry.font.missing for entry in entries)))
    if missing:
        notes.append(
            f"No installed font has {len(missing)} of the characters read (U+{ord(missing[0]):04X} …): "
            "install one, such as fonts-noto-cjk for Chinese, Japanese and Korean"
        )
    return notes


def _sheet(
    photo: Image.Image, panel: Image.Image, entries: Sequence[_Entry], notes: Sequence[str]
) -> Image.Image:
    """Picture and panel on a common ground, with badges and a caption."""
    caption = max(15, round(max(photo.size) / 72))
    gap, leading = caption * 2, round(caption * 1.5)
    step = (photo.width + gap, 0) if photo.width <= _WIDE * photo.height else (0, photo.height + gap)
    width, height = photo.width + step[0] + 2 * gap, photo.height + step[1] + 2 * gap
    sheet = Image.new("RGB", (width, height + leading * len(notes)), _GROUND)
    badge = min(max(_median_height(entries) * 0.6, 11), caption)
    for place, picture in (((gap, gap), photo), ((gap + step[0], gap + step[1]), panel)):
        sheet.paste(picture, place)
        for entry in entries:
            draw_badge(sheet, entry.quad + np.array(place, np.float32), entry.label, entry.colour, badge)
    for row, note in enumerate(notes):
        at = (gap, height + leading * row)
        ImageDraw.Draw(sheet).text(at, note, fill=_CAPTION, font=find_font(note).load(caption), anchor="ls")
    return sheet
