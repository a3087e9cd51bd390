"""Small fonts made for tests: every glyph a box."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables.O_S_2f_2 import Panose

SERIF_STYLES = {"sans": 11, "serif": 2, "mono": 11}


def build_font(
    path: Path,
    characters: Iterable[str],
    *,
    family: str = "Test Sans",
    style: str = "Regular",
    kind: str = "sans",
    weight: int = 400,
    width: int = 5,
    italic: bool = False,
    top: int = 700,
) -> Path:
    """Write a TrueType font that covers some characters, with boxes of height ``top`` (em = 1000)."""
    code_points = sorted({ord(character) for character in characters})
    names = [".notdef", *(f"u{point:04X}" for point in code_points)]
    pen = TTGlyphPen(None)
    corners = [(50, 0), (50, top), (450, top), (450, 0)]
    pen.moveTo(corners[0])
    for corner in corners[1:]:
        pen.lineTo(corner)
    pen.closePath()
    box = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({point: f"u{point:04X}" for point in code_points})
    builder.setupGlyf(dict.fromkeys(names, box))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": style, "psName": family.replace(" ", "")})
    panose = Panose()
    panose.bFamilyType, panose.bSerifStyle, panose.bProportion = (
        2,
        SERIF_STYLES[kind],
        9 if kind == "mono" else 3,
    )
    builder.setupOS2(usWeightClass=weight, usWidthClass=width, fsSelection=int(italic), panose=panose)
    builder.setupPost(isFixedPitch=int(kind == "mono"))
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)
    return path


def build_collection(path: Path, fonts: Iterable[Path]) -> Path:
    """Write a collection of the given fonts."""
    collection = TTCollection()
    collection.fonts = [TTFont(font) for font in fonts]
    collection.save(path)
    return path
