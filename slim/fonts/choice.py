"""The font found for a text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from slim.fonts.face import FontFace, FontKind


@dataclass(frozen=True)
class FontChoice:
    """The font found for a text.

    Attributes:
        path: The font file; None for the font embedded in Pillow.
        index: Place in a collection, 0 in plain files.
        family: Family name.
        style: Style name within the family.
        kind: Broad look.
        missing: The characters of the text it has no glyph for; empty where it covers all.
    """

    path: Path | None
    index: int
    family: str
    style: str
    kind: FontKind
    missing: str = ""

    @classmethod
    def of(cls, face: FontFace, characters: str) -> FontChoice:
        """The choice of a face for the given essential characters."""
        missing = face.missing(characters)
        return cls(face.path, face.index, face.family, face.style, face.kind, missing)

    def load(self, size: float) -> ImageFont.FreeTypeFont:
        """The Pillow font of a size in pixels (em height).

        Raises:
            OSError: The file vanished or changed since it was found.
        """
        return _load(self.path, self.index, size)


@lru_cache(maxsize=256)
def _load(path: Path | None, index: int, size: float) -> ImageFont.FreeTypeFont:
    if path is None:
        font = ImageFont.load_default(size)
        assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101  (every Pillow wheel is built with FreeType)
        return font
    return ImageFont.truetype(str(path), size, index=index)
