"""Which of several fonts that cover a text looks best."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from slim.fonts.face import FontFace, FontKind

_KINDS: Final[tuple[FontKind, ...]] = ("sans", "serif", "mono", "other")
# well-drawn families first, so that pictures look alike on most machines
_FAMILIES: Final = (
    "Noto Sans",
    "Liberation Sans",
    "Arimo",
    "DejaVu Sans",
    "Noto Serif",
    "Liberation Serif",
    "Tinos",
    "DejaVu Serif",
    "Noto Sans Mono",
    "Liberation Mono",
    "Cousine",
    "DejaVu Sans Mono",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
)
# Han characters are drawn differently by country; families name theirs last
_COUNTRY: Final = re.compile(r" (SC|CN|TC|TW|HK|JP|KR)$")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")


@dataclass(frozen=True)
class Preference:
    """What is wanted of a font, beside that it covers the text.

    Attributes:
        kind: The wanted look.
        bold: Whether weight 700 is wanted, instead of 400.
        italic: Whether a slanted face is wanted.
        family: The wanted family; any where empty.
        countries: Whose forms of Han characters are wanted, as families name them; any where empty.
    """

    kind: FontKind = "sans"
    bold: bool = False
    italic: bool = False
    family: str = ""
    countries: tuple[str, ...] = ()

    def rank(self, face: FontFace) -> tuple[object, ...]:
        """A sort key: the face with the least suits best. No two faces have the same."""
        return (
            bool(self.family) and face.family != self.family,
            self._country_rank(face),
            face.kind != self.kind,
            _KINDS.index(face.kind),
            face.italic != self.italic,
            abs(face.weight - (700 if self.bold else 400)),
            abs(face.width - 5),
            family_rank(face.family),
            str(face.path),
            face.index,
        )

    def _country_rank(self, face: FontFace) -> int:
        named = _COUNTRY.search(face.family)
        if not self.countries or not named:
            return 1
        return 0 if named[1] in self.countries else 2


def family_rank(family: str) -> tuple[int, str]:
    """A sort key for families: well-known ones first, then by name."""
    return (_FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES)), family


def countries_of(text: str) -> tuple[str, ...]:
    """The countries whose forms of Han characters suit a text; empty where it does not matter.

    Chinese text alone does not tell its country; simplified characters are assumed.
    """
    if _KANA.search(text):
        return ("JP",)
    if _HANGUL.search(text):
        return ("KR",)
    return ("SC", "CN") if _HAN.search(text) else ()
