"""What is written where: documents in columns, tables, posters, signs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from slim.data.synthetic.draws import Rng, between, between_log, chance, pick_weighted, whole
from slim.data.synthetic.hand import Hand
from slim.data.synthetic.ink import Ink
from slim.data.synthetic.lettering import letter
from slim.data.synthetic.sheet import Sheet, centred, fit_line
from slim.data.synthetic.text import TextMaker


def fill_page(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """Fill an empty sheet with as much text as pages have."""
    pick_weighted(rng, _PAGES)(rng, sheet, maker)


def fill_sign(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """Fill an empty sheet with one to four lines, or with one column where it is much taller than wide."""
    if sheet.height > 2.2 * sheet.width and _upright(rng, sheet, maker):
        return
    lines = whole(rng, 1, max(1, min(4, int(sheet.height / (1.5 * sheet.least)))))
    leading = sheet.height / lines
    size = leading * between(rng, 0.5, 0.75)
    middle = chance(rng, 0.6)
    margin = 0.06 * sheet.width
    hand = maker.hand(rng)
    ink: Ink | None = None
    for i in range(lines):
        own = round(max(sheet.least, size * between(rng, 0.65, 1.0)))
        if chance(rng, 0.3):
            hand = maker.hand(rng)
        start = margin
        if chance(rng, 0.08):
            start += 1.3 * sheet.decorate(rng, (margin, i * leading + (leading - own) / 2), own)
        made = fit_line(rng, maker, hand, own, sheet.width - start - margin, full=True)
        if made is None:
            continue
        x = start if start > margin or not middle else centred(sheet.width, made)
        y = i * leading + (leading - made.height) / 2
        ink = sheet.write(rng, made, (x, y), ink if chance(rng, 0.8) else None) or ink


def _upright(rng: Rng, sheet: Sheet, maker: TextMaker) -> bool:
    """One column of characters below each other; False where the script is not written so."""
    hand = maker.hand(rng)
    if hand.script not in ("CJK", "HANGUL"):
        return False
    size = round(max(sheet.least, sheet.width * between(rng, 0.5, 0.8)))
    text = maker.text(rng, hand, 40).replace(" ", "")[: int(sheet.height / (1.15 * size))]
    made = letter(hand, text, size, upright=True) if len(text) > 1 else None
    if made is None:
        return False
    place = centred(sheet.width, made), (sheet.height - made.height) / 2
    return sheet.write(rng, made, place, None) is not None


def _document(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """A heading, and paragraphs in one to three columns."""
    size = between_log(rng, 1.0, 3.2) * sheet.least
    columns = whole(rng, 1, max(1, min(3, int(sheet.width / (size * 14)))))
    margin = between(rng, 0.02, 0.09) * sheet.width
    gap = size * between(rng, 1.5, 3)
    y = margin * between(rng, 0.5, 1.2)
    ink: Ink | None = None
    if chance(rng, 0.75):
        big = round(size * between(rng, 1.4, 3.2))
        made = fit_line(rng, maker, maker.hand(rng), big, sheet.width - 2 * margin, full=chance(rng, 0.3))
        if made is not None:
            x = margin if chance(rng, 0.5) else centred(sheet.width, made)
            ink = sheet.write(rng, made, (x, y + made.drop), None)
            y += big * between(rng, 1.5, 2.4)
    if chance(rng, 0.3):
        ink = None
    room = (sheet.width - 2 * margin - (columns - 1) * gap) / columns
    hand = maker.hand(rng)
    for column in range(columns):
        place = (margin + column * (room + gap), y, room)
        ink = _column(rng, sheet, maker, hand, round(size), place, ink)


def _column(
    rng: Rng,
    sheet: Sheet,
    maker: TextMaker,
    hand: Hand,
    size: int,
    place: tuple[float, float, float],
    ink: Ink | None,
) -> Ink | None:
    """Paragraphs from a place (left, top, width) to the foot of the sheet."""
    left, y, room = place
    leading = size * between(rng, 1.25, 2.0)
    indent = size * 2 if chance(rng, 0.3) else 0.0
    while y + leading < sheet.height:
        if chance(rng, 0.12):
            height = leading * between(rng, 1, 5)
            sheet.decorate(rng, (left + between(rng, 0, 0.5) * room, y), 0.8 * height)
            y += height
        if chance(rng, 0.12):
            hand = maker.hand(rng)
        count = whole(rng, 1, 7)
        for i in range(count):
            offset = indent if i == 0 else 0.0
            made = fit_line(rng, maker, hand, size, room - offset, full=i < count - 1)
            if made is not None:
                ink = sheet.write(rng, made, (left + offset, y + made.drop), ink) or ink
            y += leading
        y += leading * between(rng, 0.2, 1.0)
    return ink


def _table(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """Rows of cells: forms, price lists, receipts."""
    size = round(between_log(rng, 1.0, 2.6) * sheet.least)
    columns = whole(rng, 2, max(2, min(5, int(sheet.width / (size * 6)))))
    margin = between(rng, 0.02, 0.08) * sheet.width
    span = sheet.width - 2 * margin
    inner = sorted(margin + between(rng, 0.15, 0.9) * span for _ in range(columns - 1))
    cells = list(pairwise([margin, *inner, margin + span]))
    leading = size * between(rng, 1.4, 2.8)
    to_the_right = [chance(rng, 0.35) for _ in cells]
    hands = [maker.hand(rng)] * len(cells) if chance(rng, 0.5) else [maker.hand(rng) for _ in cells]
    ruled, boxed = chance(rng, 0.45), chance(rng, 0.5)
    y = first = margin * between(rng, 0.5, 1.5)
    ink: Ink | None = None
    while y + leading < sheet.height - margin / 2:
        for (start, end), right, hand in zip(cells, to_the_right, hands, strict=True):
            room = end - start - size * 1.2
            if room < size * 1.2 or chance(rng, 0.18):
                continue
            made = fit_line(rng, maker, hand, size, room, full=False)
            if made is None:
                continue
            x = start + room - made.width if right else start
            ink = sheet.write(rng, made, (x, y + made.drop), ink) or ink
        y += leading
        if ruled and ink is not None:
            line = y - (leading - 1.2 * size) / 2
            sheet.scene.rule(sheet.view, (margin - size / 2, line), (margin + span, line), ink.colour, 1)
        elif chance(rng, 0.1):
            y += leading * between(rng, 0, 1.5)
    if ruled and boxed and ink is not None:
        for edge in (*(start for start, _ in cells), margin + span):
            x = edge - size / 2
            sheet.scene.rule(sheet.view, (x, first), (x, y - (leading - 1.2 * size) / 2), ink.colour, 1)


def _poster(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """Few large and some small lines, one below the other."""
    middle = chance(rng, 0.6)
    margin = between(rng, 0.03, 0.12) * sheet.width
    y = between(rng, 0.02, 0.15) * sheet.height
    while y < sheet.height * 0.95:
        largest = max(sheet.least + 1, min(sheet.height / 4, 6 * sheet.least))
        size = round(between_log(rng, sheet.least, largest))
        hand = maker.hand(rng)
        ink: Ink | None = None
        if chance(rng, 0.15):
            height = size * between(rng, 1, 3)
            if sheet.decorate(rng, (between(rng, margin, sheet.width - margin - height), y), height):
                y += 1.2 * height
        for _ in range(whole(rng, 1, 3)):
            made = fit_line(rng, maker, hand, size, sheet.width - 2 * margin, full=chance(rng, 0.4))
            if made is not None:
                x = centred(sheet.width, made) if middle else margin
                ink = sheet.write(rng, made, (x, y + made.drop), ink) or ink
            y += size * between(rng, 1.3, 1.8)
        y += size * between(rng, 0.1, 1.0)


_PAGES: Final[tuple[tuple[float, Callable[[Rng, Sheet, TextMaker], None]], ...]] = (
    (0.45, _document),
    (0.3, _table),
    (0.25, _poster),
)
