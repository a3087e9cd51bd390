"""The sheet that worst cases are drawn on: its colours, its text, its heading and legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from slim.draw.marks import Colour
from slim.fonts import find_font

GROUND: Final[Colour] = (236, 239, 243)
PANEL: Final[Colour] = (255, 255, 255)
INK: Final[Colour] = (28, 33, 41)
MUTED: Final[Colour] = (98, 108, 123)
RIGHT: Final[Colour] = (29, 99, 220)
MISSED: Final[Colour] = (214, 40, 57)
WRONG: Final[Colour] = (222, 122, 10)
IGNORED: Final[Colour] = (128, 136, 148)

MARGIN: Final = 28
GAP: Final = 16
HEADING: Final = 24
CAPTION: Final = 16


def write(
    image: Image.Image,
    at: tuple[float, float],
    text: str,
    size: float,
    colour: Colour = INK,
    *,
    bold: bool = False,
    room: float | None = None,
) -> float:
    """Write a line of text.

    Args:
        image: RGB picture to write on.
        at: Left end of the base line in pixels.
        text: What to write.
        size: Em height in pixels.
        colour: Of the text.
        bold: Whether in a bold font.
        room: Width in pixels that it may take; what does not fit becomes an ellipsis.

    Returns:
        Its width in pixels.
    """
    font = find_font(text, bold=bold).load(size)
    if room is not None and font.getlength(text) > room:
        while text and font.getlength(text + "…") > room:
            text = text[:-1]
        text += "…"
    ImageDraw.Draw(image).text(at, text, fill=colour, font=font, anchor="ls")
    return float(font.getlength(text))


def tiled(tiles: Sequence[Image.Image], columns: int, heading: str, note: str) -> Image.Image:
    """Tiles of one width in columns, row by row, under a heading.

    Args:
        tiles: The pictures.
        columns: How many stand in a row.
        heading: What they are.
        note: A smaller line beneath it: what the colours mean, for example.
    """
    width = max((tile.width for tile in tiles), default=0)
    columns = max(1, min(columns, len(tiles)))
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    top = MARGIN + HEADING + GAP // 2 + CAPTION + GAP
    height = top + sum(max(tile.height for tile in row) + GAP for row in rows) - GAP * bool(rows) + MARGIN
    wide = max(columns * (width + GAP) - GAP, 640)
    sheet = Image.new("RGB", (wide + 2 * MARGIN, height), GROUND)
    length = find_font(heading, bold=True).load(HEADING).getlength(heading)
    size = max(CAPTION, min(HEADING, HEADING * wide / max(length, 1)))
    write(sheet, (MARGIN, MARGIN + HEADING * 0.8), heading, size, bold=True, room=wide)
    write(sheet, (MARGIN, MARGIN + HEADING + GAP // 2 + CAPTION * 0.8), note, CAPTION, MUTED, room=wide)
    y = top
    for row in rows:
        for column, tile in enumerate(row):
            sheet.paste(tile, (MARGIN + column * (width + GAP), y))
        y += max(tile.height for tile in row) + GAP
    return sheet


def headline(name: str, against: str | None, shown: int, wrong: int, total: int, what: str) -> str:
    """What a sheet shows.

    Args:
        name: Of the network.
        against: Of the network it lost against; None where there is none.
        shown: How many cases are drawn.
        wrong: How many cases are wrong, or lost.
        total: How many there are.
        what: What a case is, in the plural.
    """
    found = f"mistakes on {wrong}" if against is None else f"lost against {against} on {wrong}"
    rest = f"; the worst {shown}" if shown < wrong else ""
    return f"{name}: {found} of {total} {what}{rest}"


def fitted(picture: Image.Image, width: int, height: int, *, largest: float = 4.0) -> Image.Image:
    """A picture scaled into a room of this size, enlarged at most so many times."""
    scale = min(width / picture.width, height / picture.height, largest)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)
