"""Line pictures with what stands there and what was read."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

from PIL import Image, ImageDraw

from edge.ocr.image import load_image
from slim.draw.marks import Colour
from slim.draw.sheet import GAP, INK, MISSED, MUTED, PANEL, fitted, headline, tiled, write
from slim.evaluation.recognition import LineCase, RecognitionEvaluation
from slim.evaluation.worst import worst_lines
from slim.fonts import find_font

COUNT: Final = 28
_WIDTH: Final = 700
_CROP_WIDTH, _CROP_HEIGHT = 250, 72
_TEXT, _SMALLEST, _LABEL = 22, 11, 13
_LABEL_ROOM: Final = 72
_NAME, _NAME_ROOM = 11, 240
_PADDING: Final = 12
_ROW: Final = 30


def draw_worst_lines(
    after: RecognitionEvaluation,
    before: RecognitionEvaluation | None,
    names: tuple[str, str],
    count: int | None,
) -> Image.Image:
    """Lines with most mistakes; see :func:`slim.draw.worst.draw_worst`.

    With another network's evaluation its reading stands between truth and the new one.
    """
    wrong = worst_lines(after, before)
    shown = wrong[: count or COUNT]
    against = names[1] if before is not None else None
    heading = headline(names[0], against, len(shown), len(wrong), len(after.cases), "lines")
    note = "red: characters that are wrong, missing or too many; beside the label the mean probability"
    if before is not None:
        note += f"; before: {names[1]}, now: {names[0]}"
    return tiled([_card(case, old) for case, old in shown], 2, heading, note)


def _card(case: LineCase, old: LineCase | None) -> Image.Image:
    rows = [("is", case.text, case.read)]
    if old is not None:
        rows.append(("before" + _score(old), old.read, case.text))
    rows.append((("now" if old is not None else "read") + _score(case), case.read, case.text))
    height = max(_CROP_HEIGHT, len(rows) * _ROW) + 2 * _PADDING
    card = Image.new("RGB", (_WIDTH, height), PANEL)
    crop = fitted(load_image(case.image).picture, _CROP_WIDTH, _CROP_HEIGHT)
    card.paste(crop, (_PADDING + (_CROP_WIDTH - crop.width) // 2, (height - crop.height) // 2))
    x = _PADDING + _CROP_WIDTH + GAP
    name = find_font(case.image.name).load(_NAME)
    right = card.width - _PADDING - min(name.getlength(case.image.name), _NAME_ROOM)
    write(card, (right, height - _PADDING / 2), case.image.name, _NAME, MUTED, room=_NAME_ROOM)
    first = (height - len(rows) * _ROW) / 2 + _ROW * 0.72
    for row, (label, text, other) in enumerate(rows):
        y = first + row * _ROW
        write(card, (x, y), label, _LABEL, MUTED)
        _write_compared(card, (x + _LABEL_ROOM + GAP, y), text, other)
    return card


def _score(case: LineCase) -> str:
    return f" {case.score:.2f}" if case.read else ""


def _write_compared(card: Image.Image, at: tuple[float, float], text: str, other: str) -> None:
    """A text; red and underlined what the other has not, a red wedge where something of it is missing."""
    if not text:
        write(card, at, "nothing", _TEXT * 0.8, MUTED)
        return
    choice, room = find_font(text), card.width - at[0] - _PADDING
    length = choice.load(_TEXT).getlength(text)
    size = max(_SMALLEST, min(_TEXT, _TEXT * room / max(length, 1)))
    font, draw = choice.load(size), ImageDraw.Draw(card)
    x, y = at
    matcher = SequenceMatcher(None, text, other, autojunk=False)
    for tag, first, last, _, _ in matcher.get_opcodes():
        colour: Colour = INK if tag == "equal" else MISSED
        piece = text[first:last]
        if not piece:
            draw.polygon([(x, y + 1), (x - 4, y + 7), (x + 4, y + 7)], fill=MISSED)
            continue
        draw.text((x, y), piece, fill=colour, font=font, anchor="ls")
        width = font.getlength(piece)
        if tag != "equal":
            draw.line([(x + 1, y + 5), (x + width - 1, y + 5)], fill=MISSED, width=2)
        x += width
