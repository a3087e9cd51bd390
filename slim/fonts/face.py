"""One face of a font file: what it is called, how it looks, which characters it covers."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

FontKind = Literal["sans", "serif", "mono", "other"]
"""Broad looks: without and with serifs, fixed pitch, and everything else (script, display, symbols)."""


@dataclass(frozen=True)
class FontFace:
    """One face of a font file.

    Attributes:
        path: The font file; None for the font embedded in Pillow.
        index: Place in a collection (``.ttc``), 0 in plain files.
        family: Typographic family name, such as ``DejaVu Sans``.
        style: Style name within the family, such as ``Bold``.
        kind: Broad look.
        weight: 100 to 900; 400 is regular, 700 bold (OS/2 ``usWeightClass``).
        width: 1 to 9; 5 is normal, below it condensed (OS/2 ``usWidthClass``).
        italic: Whether it is italic or oblique.
        bounds: Covered code points as ascending half-open ranges: start, end, start, end, …
    """

    path: Path | None
    index: int
    family: str
    style: str
    kind: FontKind
    weight: int
    width: int
    italic: bool
    bounds: tuple[int, ...]

    def covers(self, character: str) -> bool:
        """Whether the face has a glyph for one character."""
        # inside a range, an odd number of bounds lies at or before the code point
        return bisect_right(self.bounds, ord(character)) % 2 == 1

    def missing(self, characters: Iterable[str]) -> str:
        """Those of the characters that the face has no glyph for, in order."""
        return "".join(character for character in characters if not self.covers(character))

    def to_json(self) -> dict[str, Any]:
        """Plain values, without the path."""
        return {
            "index": self.index,
            "family": self.family,
            "style": self.style,
            "kind": self.kind,
            "weight": self.weight,
            "width": self.width,
            "italic": self.italic,
            "bounds": self.bounds,
        }

    @classmethod
    def from_json(cls, path: Path, values: dict[str, Any]) -> FontFace:
        """The reverse of :meth:`to_json`.

        Raises:
            ValueError, KeyError, TypeError: The values are not what :meth:`to_json` writes.
        """
        bounds = tuple(values["bounds"])
        names = values["family"], values["style"]
        numbers = values["index"], values["weight"], values["width"]
        if not all(isinstance(name, str) for name in names) or values["kind"] not in get_args(FontKind):
            raise ValueError("not a font face")
        if not all(type(number) is int for number in (*numbers, *bounds)) or len(bounds) % 2:
            raise ValueError("not a font face")
        return cls(
            path=path,
            index=values["index"],
            family=values["family"],
            style=values["style"],
            kind=values["kind"],
            weight=values["weight"],
            width=values["width"],
            italic=bool(values["italic"]),
            bounds=bounds,
        )


def bounds_of(code_points: Iterable[int]) -> tuple[int, ...]:
    """Ascending half-open ranges, flattened, that hold exactly the given code points."""
    bounds: list[int] = []
    for code_point in sorted(set(code_points)):
        if bounds and bounds[-1] == code_point:
            bounds[-1] = code_point + 1
        else:
            bounds += (code_point, code_point + 1)
    return tuple(bounds)


def essential_characters(text: str) -> str:
    """The characters of a text that need a glyph: not spaces, controls, joiners, variation selectors."""
    return "".join(
        character
        for character in dict.fromkeys(text)
        if unicodedata.category(character)[0] not in "CZ" and not 0xFE00 <= ord(character) <= 0xFE0F
    )
