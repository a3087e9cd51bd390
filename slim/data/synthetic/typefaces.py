"""The installed faces that can draw a dictionary, and what each can write."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from PIL import ImageFont, features

from edge.errors import InputError
from slim.data.synthetic.alphabet import MIN_LETTERS, Alphabet, Script, alphabet_of, needs_shaping, script_of
from slim.data.synthetic.draws import Rng, pick, pick_weighted
from slim.fonts import FontCatalogue, FontChoice, essential_characters
from slim.fonts.face import FontFace
from slim.fonts.files import font_folders

LEAST: Final = 0.8
"""Share of a script that the installed fonts together have to cover, and a face that shall write it."""

_PACKAGES: Final = {"CJK": "fonts-noto-cjk", "HIRAGANA": "fonts-noto-cjk", "KATAKANA": "fonts-noto-cjk"}
_KIND_WEIGHT: Final = {"sans": 3.0, "serif": 2.0, "mono": 1.0, "other": 0.4}


class Typeface:
    """A face and what can be written with it."""

    def __init__(self, face: FontFace, characters: str) -> None:
        self.face = face
        self.choice = FontChoice.of(face, characters)
        lacking = frozenset(self.choice.missing)
        self.alphabet: Alphabet = alphabet_of(c for c in characters if c not in lacking)

    def load(self, size: int) -> ImageFont.FreeTypeFont:
        """The Pillow font of an em height in pixels."""
        return self.choice.load(size)


class Typefaces:
    """The installed faces by what they can write of a dictionary.

    Args:
        characters: The dictionary; spaces and controls in it are nothing to draw.

    Raises:
        InputError: The installed fonts lack a script of the dictionary, or nearly all of it.
    """

    def __init__(self, characters: Sequence[str]) -> None:
        wanted = essential_characters("".join(characters))
        shaped = "".join(character for character in wanted if needs_shaping(character))
        drawable = wanted if features.check("raqm") else "".join(c for c in wanted if c not in shaped)
        faces = [Typeface(face, drawable) for face in _faces(font_folders())]
        self._all = [one for one in faces if one.alphabet.characters]
        self._written = frozenset[str]().union(*(one.alphabet.characters for one in self._all))
        _check(wanted, self._written, bool(shaped) and len(drawable) < len(wanted))
        self.missing = "".join(c for c in wanted if c not in self._written)
        whole = alphabet_of(c for c in drawable if c in self._written)
        self.scripts = tuple(script.name for script in whole.scripts)
        self._by_script = {
            script.name: _families([one for one in self._all if _writes(one, script)])
            for script in whole.scripts
        }
        self._any = _families(self._all)

    @property
    def families(self) -> tuple[str, ...]:
        """The families of all faces, sorted."""
        return tuple(sorted({one.face.family for one in self._all}))

    def writes(self, character: str) -> bool:
        """Whether some face has a glyph for a character."""
        return character in self._written

    def draw_for(self, rng: Rng, script: str | None) -> Typeface:
        """A face that writes a script, or any where None: first a family is drawn, then one of its faces."""
        families = self._by_script.get(script or "") or self._any
        return pick(rng, pick_weighted(rng, families))

    def draw_covering(self, rng: Rng, text: str) -> Typeface:
        """A face for a text: one of those that lack fewest of its characters."""
        needed = essential_characters(text)
        lacking = [len(needed) - sum(c in one.alphabet.characters for c in needed) for one in self._all]
        fewest = min(lacking)
        best = [one for one, count in zip(self._all, lacking, strict=True) if count == fewest]
        return pick(rng, pick_weighted(rng, _families(best)))


@lru_cache(maxsize=2)
def _faces(folders: object) -> tuple[FontFace, ...]:  # noqa: ARG001  (what the search depends on)
    return FontCatalogue.scan().faces


def _families(faces: Sequence[Typeface]) -> list[tuple[float, list[Typeface]]]:
    """Weight and faces of every family: one with ten faces is not drawn ten times as often."""
    by_family: dict[str, list[Typeface]] = {}
    for one in faces:
        by_family.setdefault(one.face.family, []).append(one)
    return [(_KIND_WEIGHT[found[0].face.kind], found) for found in by_family.values()]


def _writes(face: Typeface, script: Script) -> bool:
    """Whether a face has most of what is written in a script: rare letters do not count for much."""
    own = face.alphabet.script(script.name)
    return own is not None and own.letters.sums[-1] >= LEAST * script.letters.sums[-1]


def _check(wanted: str, covered: frozenset[str], without_raqm: bool) -> None:
    by_script: dict[str, list[str]] = {}
    for character in wanted:
        by_script.setdefault(script_of(character), []).append(character)
    for name, letters in by_script.items():
        count = sum(letter in covered for letter in letters)
        if len(letters) < MIN_LETTERS or count >= LEAST * len(letters):
            continue
        found = f"the installed fonts have {count} of its {len(letters)} {name.title()} characters"
        if without_raqm and needs_shaping(letters[0]):
            raise InputError(
                "dictionary",
                f"its {name.title()} characters need a layout engine that Pillow lacks here",
                "install libraqm and fribidi (Debian: libraqm0 libfribidi0)",
            )
        package = _PACKAGES.get(name, "fonts-noto-core")
        raise InputError(
            "dictionary",
            found,
            f"install fonts for them (Debian: {package}), or name a folder of fonts in PPOCR_EDGE_FONTS",
        )
    if len(covered) < max(1, len(wanted) // 2):
        raise InputError(
            "dictionary",
            f"the installed fonts have {len(covered)} of its {len(wanted)} characters",
            "install fonts for them, or name a folder of fonts in PPOCR_EDGE_FONTS",
        )
