"""The demo's sample page: a delivery note with known text in several fonts, sizes, turns and scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from deploy_tools.demo.canvas import Canvas, Colour, PageLine
from deploy_tools.demo.delivery_note import DeliveryNote, make_delivery_note, money, written_date
from deploy_tools.demo.paper import put_on_paper
from edge.ocr.order import reading_order
from slim.fonts import LATIN, FontChoice, find_font

WIDTH: Final = 960
HEIGHT: Final = 1280

_PAPER: Final[Colour] = (250, 247, 239)
_INK: Final[Colour] = (36, 40, 46)
_SOFT: Final[Colour] = (96, 103, 112)
_ACCENT: Final[Colour] = (14, 88, 98)
_TINT: Final[Colour] = (226, 235, 233)
_RULE: Final[Colour] = (196, 199, 196)
_STAMP: Final[Colour] = (178, 40, 42)
_WHITE: Final[Colour] = (255, 255, 255)

_LEFT, _RIGHT = 64, 896
_CHINESE: Final = ("供应商：海湾纸品有限公司", "电话：0755-5550 1234", "易碎物品，小心轻放")


@dataclass(frozen=True, eq=False)
class SamplePage:
    """A rendered page with the text it shows.

    Attributes:
        image: RGB, 960x1280.
        lines: Text and quadrilateral of every line, in reading order.
    """

    image: Image.Image
    lines: tuple[PageLine, ...]


@dataclass(frozen=True)
class _Fonts:
    sans: FontChoice
    bold: FontChoice
    serif: FontChoice
    serif_bold: FontChoice
    serif_italic: FontChoice
    mono: FontChoice
    chinese: FontChoice | None


def render_sample_page(seed: int = 0) -> SamplePage:
    """Render the demo's page with the fonts of this machine.

    The same seed and fonts give the same pixels. Three lines are Chinese where an installed font covers
    them; with no font installed at all, everything is set in the one embedded in Pillow.

    Args:
        seed: Chooses goods, names, numbers and the paper's texture.

    Raises:
        InputError: ``PPOCR_EDGE_FONTS`` names something that does not exist.
    """
    random = np.random.default_rng(seed)
    note, fonts, canvas = make_delivery_note(random), _find_fonts(), Canvas(WIDTH, HEIGHT)
    _draw_head(canvas, fonts, note)
    _draw_addresses(canvas, fonts, note)
    _draw_table(canvas, fonts, note)
    _draw_totals(canvas, fonts, note)
    _draw_stamp(canvas, fonts, note, degrees=float(random.uniform(-9.5, -7)))
    _draw_notes(canvas, fonts)
    _draw_foot(canvas, fonts, note)
    order = reading_order([line.quad for line in canvas.lines])
    lines = tuple(canvas.lines[place] for place in order)
    return SamplePage(put_on_paper(canvas.finish(_PAPER), random), lines)


def _find_fonts() -> _Fonts:
    chinese = find_font("".join(_CHINESE))
    return _Fonts(
        sans=find_font(LATIN),
        bold=find_font(LATIN, bold=True),
        serif=find_font(LATIN, kind="serif"),
        serif_bold=find_font(LATIN, kind="serif", bold=True),
        serif_italic=find_font(LATIN, kind="serif", italic=True),
        mono=find_font(LATIN, kind="mono"),
        chinese=None if chinese.missing else chinese,
    )


def _draw_head(canvas: Canvas, fonts: _Fonts, note: DeliveryNote) -> None:
    canvas.box((_LEFT, 60, _LEFT + 66, 126), fill=_ACCENT, radius=12)
    for row in range(3):
        wave = [
            (_LEFT + 11 + t / 4, 78 + 15 * row + 4 * float(np.sin(t / 176 * 3 * np.pi))) for t in range(177)
        ]
        canvas.curve(wave, _WHITE, 3.5)
    canvas.text((148, 100), "Harbour & Finch", fonts.serif_bold, 42, _INK)
    canvas.text((149, 128), "Paper goods and printing since 1987", fonts.serif_italic, 18, _SOFT)
    canvas.box((616, 60, _RIGHT, 108), fill=_ACCENT, radius=6)
    canvas.text(((616 + _RIGHT) / 2, 94), "DELIVERY NOTE", fonts.bold, 27, _WHITE, anchor="ms")
    canvas.text((_RIGHT, 136), f"No. {note.number}", fonts.mono, 20, _INK, anchor="rs")
    canvas.box((_LEFT, 160, _RIGHT, 161), fill=_ACCENT)


def _draw_addresses(canvas: Canvas, fonts: _Fonts, note: DeliveryNote) -> None:
    details = (
        f"Date: {written_date(note.date)}",
        f"Order: {note.order}",
        f"Carrier: {note.carrier}, {note.parcels} parcels",
    )
    for x, title, lines in ((_LEFT, "DELIVER TO", note.customer), (560, "DETAILS", details)):
        canvas.text((x, 200), title, fonts.bold, 15, _ACCENT, spacing=1.5)
        for row, line in enumerate(lines):
            canvas.text((x, 232 + 31 * row), line, fonts.sans, 22, _INK)


def _draw_table(canvas: Canvas, fonts: _Fonts, note: DeliveryNote) -> None:
    canvas.box((_LEFT, 332, _RIGHT, 372), fill=_TINT, radius=4)
    canvas.text((80, 359), "Item", fonts.bold, 19, _ACCENT)
    for x, title in ((560, "Qty"), (712, "Price"), (880, "Amount")):
        canvas.text((x, 359), title, fonts.bold, 19, _ACCENT, anchor="rs")
    for row, item in enumerate(note.items):
        y = 403 + 43 * row
        canvas.text((80, y), item.description, fonts.sans, 21, _INK)
        for x, number in ((560, str(item.quantity)), (712, money(item.price)), (880, money(item.total))):
            canvas.text((x, y), number, fonts.mono, 21, _INK, anchor="rs")
        canvas.box((_LEFT, y + 13, _RIGHT, y + 13.5), fill=_RULE)


def _draw_totals(canvas: Canvas, fonts: _Fonts, note: DeliveryNote) -> None:
    for y, label, cents in ((676, "Subtotal", note.subtotal), (710, "VAT 20%", note.vat)):
        canvas.text((574, y), label, fonts.sans, 21, _INK)
        canvas.text((880, y), money(cents), fonts.mono, 21, _INK, anchor="rs")
    canvas.box((558, 728, _RIGHT, 776), fill=_ACCENT, radius=6)
    canvas.text((574, 761), "Total EUR", fonts.bold, 25, _WHITE)
    canvas.text((880, 761), money(note.subtotal + note.vat), fonts.bold, 27, _WHITE, anchor="rs")


def _draw_stamp(canvas: Canvas, fonts: _Fonts, note: DeliveryNote, degrees: float) -> None:
    stamp = Canvas(360, 150)
    stamp.box((4, 4, 356, 146), outline=_STAMP, width=4, radius=14)
    stamp.box((12, 12, 348, 138), outline=_STAMP, width=1.5, radius=9)
    stamp.text((180, 62), "RECEIVED", fonts.bold, 42, _STAMP, anchor="ms")
    stamp.text(
        (180, 95),
        f"{written_date(note.received)}, {note.received:%H:%M}",
        fonts.mono,
        20,
        _STAMP,
        anchor="ms",
    )
    stamp.text((180, 124), f"Checked by {note.clerk}", fonts.sans, 20, _STAMP, anchor="ms")
    canvas.paste(stamp, (290, 742), degrees, opacity=0.86)


def _draw_notes(canvas: Canvas, fonts: _Fonts) -> None:
    left = _LEFT
    if fonts.chinese is not None:
        canvas.box((_LEFT, 868, 494, 1030), fill=_TINT, radius=8)
        for y, line, size in zip((912, 954, 1003), _CHINESE, (27, 25, 33), strict=True):
            canvas.text((84, y), line, fonts.chinese, size, _INK)
        left = 530
    notes = (
        "Fragile: keep dry & upright (max. 45 kg).",
        "Questions? Call 0117 496 0182",
        "or visit www.harbour-finch.example",
    )
    canvas.text((left, 890), "NOTES", fonts.bold, 15, _ACCENT, spacing=1.5)
    for row, line in enumerate(notes):
        canvas.text((left, 923 + 32 * row), line, fonts.sans, 18, _INK)
    canvas.text((left, 1022), "Thank you for your order!", fonts.serif_italic, 21, _ACCENT)


def _draw_foot(canvas: Canvas, fonts: _Fonts, note: DeliveryNote) -> None:
    small = "Please check all goods on delivery. Claims can be made within 7 days,"
    canvas.text((_LEFT, 1084), small, fonts.serif, 16, _SOFT)
    canvas.text((_LEFT, 1108), "quoting the number at the top of this note.", fonts.serif, 16, _SOFT)
    _draw_barcode(canvas, fonts, note)
    for x in range(_LEFT, _RIGHT, 14):
        canvas.box((x, 1174, x + 7, 1175), fill=_SOFT)
    slip = Canvas(720, 48)
    slip.text(
        (360, 33), f"Return this slip with order {note.order}, please.", fonts.bold, 24, _INK, anchor="ms"
    )
    canvas.paste(slip, (480, 1218), 180)


def _draw_barcode(canvas: Canvas, fonts: _Fonts, note: DeliveryNote) -> None:
    """Bars that look the part, flush right; the digits below are what is meant to be read."""
    x = float(_RIGHT)
    for place, digit in enumerate(reversed(note.barcode)):
        for part in range(3):
            width = 1 + (int(digit) >> part) % 2 * 1.5
            canvas.box((x - width, 1066, x, 1120), fill=_INK)
            x -= width + 1.5 + (place + part) % 3
    canvas.text(((_RIGHT + x) / 2, 1142), note.barcode, fonts.mono, 18, _INK, anchor="ms")
