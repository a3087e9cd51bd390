"""What is written where: documents in columns, receipts, forms, signs and posters.

A sheet has pixels of its own, x to the right and y down; its view maps them onto the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from slim.data.synthetic.draws import Rng, between, between_log, chance, pick_weighted, whole
from slim.data.synthetic.ink import Ink, draw_ink
from slim.data.synthetic.lettering import PAD, Lettering, letter
from slim.data.synthetic.scene import Scene
from slim.data.synthetic.text import TextMaker
from slim.data.synthetic.typefaces import Typeface
from slim.data.synthetic.warp import Matrix, shift


@dataclass(frozen=True, eq=False)
class Sheet:
    """A flat thing with text on it.

    Attributes:
        scene: The picture it is in.
        view: From its pixels to the picture's.
        width: Its width in its pixels.
        height: Likewise.
        least: Smallest em height of text on it, in its pixels.
    """

    scene: Scene
    view: Matrix
    width: float
    height: float
    least: float

    def write(self, rng: Rng, lettering: Lettering, at: tuple[float, float], ink: Ink | None) -> Ink | None:
        """Put a line with its ink's upper left corner at a place.

        Args:
            rng: Where the look comes from.
            lettering: The line.
            at: The place.
            ink: None for one that suits the ground there.

        Returns:
            The ink; None where the line would leave the sheet or the picture.
        """
        ink_width, ink_height = _ink_size(lettering)
        if at[0] < 0 or at[1] < 0 or at[0] + ink_width > self.width or at[1] + ink_height > self.height:
            return None
        view = self.view @ shift(*at)
        placed = self.scene.place(lettering, view)
        if placed is None:
            return None
        used = ink or draw_ink(rng, self.scene.ground(placed[0]), lettering.size)
        return used if self.scene.write(rng, lettering, view, used) else None


def fill_sheet(rng: Rng, sheet: Sheet, maker: TextMaker, *, sign: bool) -> None:
    """Fill a sheet with text.

    Args:
        rng: Where it comes from.
        sheet: Empty.
        maker: What the lines say.
        sign: Whether a sign or label, with few lines; else a page.
    """
    if sign:
        _sign(rng, sheet, maker)
        return
    kind = pick_weighted(rng, [(0.45, _document), (0.3, _table), (0.25, _poster)])
    kind(rng, sheet, maker)


def fit_line(
    rng: Rng, maker: TextMaker, face: Typeface, size: int, room: float, *, full: bool, spacing: float = 0.0
) -> Lettering | None:
    """A line that fits into a width.

    Args:
        rng: Where it comes from.
        maker: What it says.
        face: In which face.
        size: Em height in pixels.
        room: Width in pixels it may take.
        full: Whether it should take nearly all of it; otherwise it takes some part.

    Returns:
        None where not even one character fits.
    """
    columns = 2 * room / size * (1.0 if full else between(rng, 0.2, 0.95))
    text = maker.for_face(rng, face, max(1, round(columns)))
    for _ in range(6):
        made = letter(face, text, size, spacing=spacing) if text else None
        if made is None:
            return None
        width = _ink_size(made)[0]
        if width <= room:
            return made
        text = text[: min(len(text) - 1, int(len(text) * room / width))].strip()
    return None


def _ink_size(lettering: Lettering) -> tuple[int, int]:
    return lettering.mask.width - 2 * PAD, lettering.mask.height - 2 * PAD


def _document(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """A heading, and paragraphs in one to three columns."""
    size = max(sheet.least, between_log(rng, 1.0, 2.0) * sheet.least)
    columns = whole(rng, 1, max(1, min(3, int(sheet.width / (size * 14)))))
    margin = between(rng, 0.02, 0.09) * sheet.width
    gap = size * between(rng, 1.5, 3)
    y = margin * between(rng, 0.5, 1.2)
    body, heading = maker.face(rng), maker.face(rng)
    ink: Ink | None = None
    if chance(rng, 0.75):
        big = round(size * between(rng, 1.4, 3.2))
        made = fit_line(rng, maker, heading, big, sheet.width - 2 * margin, full=chance(rng, 0.3))
        if made is not None:
            x = margin if chance(rng, 0.5) else (sheet.width - _ink_size(made)[0]) / 2
            ink = sheet.write(rng, made, (x, y), None)
            y += big * between(rng, 1.5, 2.4)
    room = (sheet.width - 2 * margin - (columns - 1) * gap) / columns
    same_ink = chance(rng, 0.7)
    for column in range(columns):
        ink = _column(
            rng,
            sheet,
            maker,
            body,
            round(size),
            (margin + column * (room + gap), y, room),
            ink if same_ink else None,
        )


def _column(
    rng: Rng,
    sheet: Sheet,
    maker: TextMaker,
    face: Typeface,
    size: int,
    place: tuple[float, float, float],
    ink: Ink | None,
) -> Ink | None:
    """Paragraphs from a place (left, top, width) to the foot of the sheet."""
    left, y, room = place
    leading = size * between(rng, 1.3, 2.0)
    indent = size * 2 if chance(rng, 0.3) else 0.0
    while y + leading < sheet.height:
        count = whole(rng, 1, 6)
        if chance(rng, 0.1):  # a picture, or nothing
            y += leading * whole(rng, 2, 6)
        for i in range(count):
            offset = indent if i == 0 else 0.0
            made = fit_line(rng, maker, face, size, room - offset, full=i < count - 1)
            if made is not None:
                ink = sheet.write(rng, made, (left + offset, y + _drop(made, size)), ink) or ink
            y += leading
        y += leading * between(rng, 0.3, 1.2)
    return ink


def _drop(lettering: Lettering, size: int) -> float:
    """How far below the top of its line the ink begins, about: letters without ascenders stand lower."""
    return max(0.0, (size - _ink_size(lettering)[1]) / 2)


def _table(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """Rows of cells: forms, price lists, receipts."""
    size = round(max(sheet.least, between_log(rng, 1.0, 1.8) * sheet.least))
    columns = whole(rng, 2, max(2, min(5, int(sheet.width / (size * 6)))))
    margin = between(rng, 0.02, 0.08) * sheet.width
    edges = sorted(between(rng, 0.15, 0.9) for _ in range(columns - 1))
    span = sheet.width - 2 * margin
    starts = [margin, *(margin + edge * span for edge in edges), margin + span]
    leading = size * between(rng, 1.4, 2.8)
    face = maker.face(rng)
    y = margin * between(rng, 0.5, 1.5)
    ink: Ink | None = None
    right_aligned = [chance(rng, 0.4) for _ in range(columns)]
    ruled = chance(rng, 0.4)
    while y + leading < sheet.height - margin / 2:
        for i, (start, end) in enumerate(zip(starts, starts[1:], strict=False)):
            room = end - start - size * 1.2
            if room < size * 1.2 or chance(rng, 0.2):
                continue
            made = fit_line(rng, maker, face, size, room, full=False)
            if made is None:
                continue
            x = start + room - _ink_size(made)[0] if right_aligned[i] else start
            ink = sheet.write(rng, made, (x, y + _drop(made, size)), ink) or ink
        if ruled and ink is not None:
            under = y + size + (leading - size) / 2
            sheet.scene.rule(sheet.view, (margin, under), (margin + span, under), ink, 1)
        y += leading * (between(rng, 1, 2.5) if chance(rng, 0.12) else 1.0)


def _poster(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """Few large and some small lines, one below the other."""
    middle = chance(rng, 0.6)
    margin = between(rng, 0.03, 0.12) * sheet.width
    y = between(rng, 0.02, 0.15) * sheet.height
    while y < sheet.height * 0.95:
        size = round(
            between_log(rng, sheet.least, max(sheet.least + 1, min(sheet.height / 4, 6 * sheet.least)))
        )
        face = maker.face(rng)
        spacing = between(rng, 0.05, 0.5) if chance(rng, 0.2) else 0.0
        ink: Ink | None = None
        for _ in range(whole(rng, 1, 3)):
            made = fit_line(
                rng, maker, face, size, sheet.width - 2 * margin, full=chance(rng, 0.4), spacing=spacing
            )
            if made is not None:
                x = (sheet.width - _ink_size(made)[0]) / 2 if middle else margin
                ink = sheet.write(rng, made, (x, y + _drop(made, size)), ink) or ink
            y += size * between(rng, 1.3, 1.8)
        y += size * between(rng, 0.2, 1.2)


def _sign(rng: Rng, sheet: Sheet, maker: TextMaker) -> None:
    """One to four lines that fill a sign."""
    lines = whole(rng, 1, max(1, min(4, int(sheet.height / (1.4 * sheet.least)))))
    leading = sheet.height / lines
    size = leading * between(rng, 0.5, 0.72)
    middle = chance(rng, 0.6)
    margin = 0.06 * sheet.width
    face = maker.face(rng)
    ink: Ink | None = None
    for i in range(lines):
        own = round(max(sheet.least, size * between(rng, 0.65, 1.0)))
        if chance(rng, 0.3):
            face = maker.face(rng)
        made = fit_line(rng, maker, face, own, sheet.width - 2 * margin, full=True)
        if made is None:
            continue
        x = (sheet.width - _ink_size(made)[0]) / 2 if middle else margin
        y = i * leading + (leading - _ink_size(made)[1]) / 2
        ink = sheet.write(rng, made, (x, y), ink if chance(rng, 0.8) else None) or ink
