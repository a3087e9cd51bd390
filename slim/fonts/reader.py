"""Reading the faces of a font file with fontTools."""

from __future__ import annotations

import io
import logging
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PIL import ImageFont

from slim.fonts.face import FontFace, FontKind, bounds_of

EMBEDDED: Final = Path(ImageFont.__file__)
"""The module that carries Pillow's default font: there even where no font is installed."""

_COLLECTION: Final = b"ttcf"
_MAX_FACES: Final = 64
_UNICODE_SIZE: Final = 0x110000
_OUTLINES: Final = ("glyf", "CFF ", "CFF2")
# fonts that "cover" everything with blanks, placeholder boxes or bars
_PLACEHOLDERS: Final = re.compile(r"adobe blank|last ?resort|tofu|redacted|barcode", re.IGNORECASE)


def read_faces(path: Path) -> tuple[FontFace, ...]:
    """The faces of a font file that text can be drawn with.

    Args:
        path: A TrueType or OpenType file or collection, or ``EMBEDDED``.

    Returns:
        The faces in the order of the file; none where it is damaged, has no outlines (bitmap and some emoji
        fonts), no Unicode character map, or only placeholder glyphs.
    """
    embedded = _embedded_data() if path == EMBEDDED else None
    try:
        data = embedded or path.read_bytes()
        with _silenced():
            faces = [_read_face(data, path, index) for index in range(_count_faces(data))]
        return tuple(face for face in faces if face is not None and _is_drawable(face, data))
    except Exception:
        # on damaged files fontTools raises whatever its decoders stumble over: struct.error, AssertionError,
        # IndexError, TTLibError …; a font that cannot be read is as good as not installed
        return ()


def as_embedded(face: FontFace) -> FontFace:
    """The face read from ``EMBEDDED`` as choices show it: without a path; it says nothing of its kind."""
    return replace(face, path=None, kind="sans")


def _embedded_data() -> bytes:
    font = ImageFont.load_default(16)
    assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101  (every Pillow wheel is built with FreeType)
    stream: Any = font.path
    assert isinstance(stream, io.BytesIO)  # noqa: S101
    return stream.getvalue()


def _count_faces(data: bytes) -> int:
    return min(int.from_bytes(data[8:12], "big"), _MAX_FACES) if data[:4] == _COLLECTION else 1


def _read_face(data: bytes, path: Path, index: int) -> FontFace | None:
    # imported here: only a cold cache needs fontTools, and its import takes longer than a warm search
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(data), fontNumber=index, lazy=True)
    tables = font.reader.tables
    if any(entry.offset + entry.length > len(data) for entry in tables.values()):
        return None  # truncated: FreeType would open it and fail at some glyph
    if not any(tag in tables for tag in _OUTLINES):
        return None
    _check_cmap_size(font.reader["cmap"])
    # stand-ins: reading the real glyph names from the table "post" takes most of the time
    font.setGlyphOrder([str(glyph) for glyph in range(font["maxp"].numGlyphs)])
    cmap = font.getBestCmap()
    family = font["name"].getBestFamilyName() or path.stem
    if not cmap or _PLACEHOLDERS.search(family):
        return None
    os2: Any = font["OS/2"] if "OS/2" in tables else None
    fixed_pitch = any(font.reader["post"][12:16]) if "post" in tables else False
    style = font["name"].getBestSubFamilyName() or ""
    return FontFace(
        path=path,
        index=index,
        family=family,
        style=style,
        kind=_kind(family, os2, fixed_pitch),
        weight=int(os2.usWeightClass) if os2 else 700 if "bold" in style.lower() else 400,
        width=int(os2.usWidthClass) if os2 else 5,
        italic=bool(os2 and os2.fsSelection & 1) or bool(re.search("italic|oblique", style, re.IGNORECASE)),
        bounds=bounds_of(cmap),
    )


def _check_cmap_size(data: bytes) -> None:
    """Refuse maps of more characters than Unicode has: fontTools would list every one of billions.

    Only formats 12 and 13 of the table ``cmap`` (OpenType specification) can hold that many.

    Raises:
        ValueError: A damaged group goes beyond.
    """
    (subtables,) = struct.unpack_from(">H", data, 2)
    for _, _, offset in struct.iter_unpack(">HHL", data[4 : 4 + 8 * subtables]):
        if struct.unpack_from(">H", data, offset)[0] not in (12, 13):
            continue
        (groups,) = struct.unpack_from(">L", data, offset + 12)
        listed = struct.iter_unpack(">LLL", data[offset + 16 : offset + 16 + 12 * groups])
        count = sum(end - start + 1 for start, end, _ in listed)
        if count > _UNICODE_SIZE:
            raise ValueError(f"character map of {count} characters")


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep fontTools from logging every oddity of a font file to stderr."""
    logger = logging.getLogger("fontTools")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _kind(family: str, os2: Any, fixed_pitch: bool) -> FontKind:
    """Classify by PANOSE (OpenType specification, table OS/2), by name where it says nothing."""
    panose = getattr(os2, "panose", None)
    family_type = panose.bFamilyType if panose else 0
    # serif style and proportion mean this only in fonts for Latin text, family type 2
    serif_style, proportion = (
        (panose.bSerifStyle, panose.bProportion) if panose and family_type == 2 else (0, 0)
    )
    name = family.lower()
    if fixed_pitch or proportion == 9 or re.search(r"\bmono\b", name):
        return "mono"
    if family_type in (3, 4, 5):  # handwritten, decorative, symbols
        return "other"
    if re.search(r"sans|gothic|\bhei\b|grotesk", name):
        return "sans"
    if 2 <= serif_style <= 10 or re.search(r"serif|roman|\bsong\b|\bming\b|mincho", name):
        return "serif"
    return "sans" if 11 <= serif_style <= 15 else "other"


def _is_drawable(face: FontFace, data: bytes) -> bool:
    """Whether FreeType, which draws in the end, opens the face and draws of each range the first glyph.

    Raises:
        OSError: It does not.
    """
    font = ImageFont.truetype(io.BytesIO(data), 16, index=face.index)
    font.getmask("".join(map(chr, face.bounds[:64:2])))
    return True
