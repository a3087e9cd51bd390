"""A sheet of the first pictures of a data set, with their labels, to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from slim.data.synthetic import LinePicture, PagePicture
from slim.fonts import find_font

LINES: Final = 60
PAGES: Final = 12

_WIDTH: Final = 1440
_GAP: Final = 8
_GROUND: Final = (70, 74, 80)
_LABEL: Final = (255, 214, 10)
_BOX: Final = (255, 59, 48)


def lines_sheet(items: Sequence[LinePicture]) -> Image.Image:
    """Line pictures in two columns, the label below each."""
    columns, height, label = 2, 40, 22
    width = (_WIDTH - (columns + 1) * _GAP) // columns
    rows = -(-len(items) // columns)
    sheet = Image.new("RGB", (_WIDTH, rows * (height + label + _GAP) + _GAP), _GROUND)
    draw = ImageDraw.Draw(sheet)
    for i, item in enumerate(items):
        x = _GAP + i % columns * (width + _GAP)
        y = _GAP + i // columns * (height + label + _GAP)
        scale = min(height / item.picture.height, width / item.picture.width)
        size = max(1, round(scale * item.picture.width)), max(1, round(scale * item.picture.height))
        sheet.paste(item.picture.resize(size, Image.Resampling.BICUBIC), (x, y))
        draw.text((x, y + height), item.text, fill=_LABEL, font=find_font(item.text).load(16))
    return sheet


def pages_sheet(items: Sequence[PagePicture]) -> Image.Image:
    """Pages in up to three columns, with their boxes."""
    columns = min(3, len(items))
    width = (_WIDTH - (columns + 1) * _GAP) // columns
    shown = [_with_boxes(item, width) for item in items]
    height = max(picture.height for picture in shown)
    rows = -(-len(items) // columns)
    sheet = Image.new("RGB", (_WIDTH, rows * (height + _GAP) + _GAP), _GROUND)
    for i, picture in enumerate(shown):
        sheet.paste(picture, (_GAP + i % columns * (width + _GAP), _GAP + i // columns * (height + _GAP)))
    return sheet


def _with_boxes(item: PagePicture, width: int) -> Image.Image:
    scale = width / item.picture.width
    size = width, max(1, round(scale * item.picture.height))
    picture = item.picture.resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    for box in item.boxes:
        draw.polygon([(x, y) for x, y in (box.quad * scale).tolist()], outline=_BOX)
    return picture
