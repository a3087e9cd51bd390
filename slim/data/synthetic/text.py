"""What synthetic lines say: words, numbers and mixtures of both, or lines of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slim.data.synthetic.alphabet import Alphabet
from slim.data.synthetic.draws import Rng, between_log, chance, pick, pick_weighted, whole
from slim.data.synthetic.figures import figure
from slim.data.synthetic.typefaces import Typeface, Typefaces
from slim.data.synthetic.words import words

MAX_WIDTH: Final = 44
"""Longest line in half-width columns; a Han character takes two."""


class TextMaker:
    """Draws texts together with faces that have their characters.

    Args:
        typefaces: The faces.
        texts: Lines to draw from instead of making some; characters that cannot be drawn are left out.
    """

    def __init__(self, typefaces: Typefaces, texts: Sequence[str] | None) -> None:
        self.typefaces = typefaces
        self._texts = texts
        self._scripts = _by_weight(typefaces.scripts)

    def line(self, rng: Rng) -> tuple[str, Typeface]:
        """A text of at least one character, and a face for it."""
        if self._texts is not None:
            return self._own(rng)
        face = self.face(rng)
        return self.made(rng, face, round(between_log(rng, 2, MAX_WIDTH))), face

    def face(self, rng: Rng) -> Typeface:
        """A face for several lines."""
        return self.typefaces.draw_for(rng, pick_weighted(rng, self._scripts) if self._scripts else None)

    def for_face(self, rng: Rng, face: Typeface, width: int) -> str:
        """A text that a face can write, about so many half-width columns wide; may be empty for own texts."""
        if self._texts is not None:
            return face.alphabet.keep(pick(rng, self._texts))
        return self.made(rng, face, width)

    def made(self, rng: Rng, face: Typeface, width: int) -> str:
        """A made-up text of at least one character."""
        text = _made(rng, face.alphabet, self._scripts, width)
        return text or pick(rng, face.alphabet.everything)

    def _own(self, rng: Rng) -> tuple[str, Typeface]:
        assert self._texts is not None  # noqa: S101
        for _ in range(100):
            text = pick(rng, self._texts)
            face = self.typefaces.draw_covering(rng, text)
            if kept := face.alphabet.keep(text):
                return kept, face
        face = self.face(rng)
        return self.made(rng, face, 10), face


def _by_weight(scripts: Sequence[str]) -> list[tuple[float, str]]:
    """The main script of a dictionary most often; Latin, in nearly all of them, less."""
    named = [name for name in scripts if name not in ("HIRAGANA", "KATAKANA")] or list(scripts)
    # Korean text has hardly any Han characters, though the dictionary has 1716
    return [
        (
            0.15
            if name == "CJK" and "HANGUL" in named
            else 0.7
            if name == "LATIN" and len(named) > 1
            else 1.0,
            name,
        )
        for name in named
    ]


def _made(rng: Rng, alphabet: Alphabet, scripts: Sequence[tuple[float, str]], width: int) -> str:
    usable = [(weight, one) for weight, name in scripts if (one := alphabet.script(name)) is not None]
    kind = rng.random()
    if not usable or kind < 0.05:
        return _wild(rng, alphabet, width)
    if alphabet.digits and kind < 0.25:
        return _figures(rng, alphabet, width)
    script = pick_weighted(rng, usable)
    if alphabet.digits and kind < 0.45 and width > 6:
        first = words(rng, alphabet, script, width // 2)
        second = figure(rng, alphabet)
        glue = pick(rng, (" ", ": ", "", "：", " - ") if script.name == "CJK" else (" ", ": ", " - ", " #"))
        parts = [first, second] if chance(rng, 0.7) else [second, first]
        return alphabet.keep(glue.join(parts))
    if kind < 0.52 and len(usable) > 1 and width > 6:
        other = pick_weighted(rng, usable)
        share = whole(rng, 2, width - 2)
        glue = pick(rng, (" ", "", "(", "/"))
        return alphabet.keep(
            words(rng, alphabet, script, share) + glue + words(rng, alphabet, other, width - share)
        )
    return words(rng, alphabet, script, width)


def _figures(rng: Rng, alphabet: Alphabet, width: int) -> str:
    text = figure(rng, alphabet)
    while len(text) + 6 < width and chance(rng, 0.35):
        text = f"{text} {figure(rng, alphabet)}"
    return alphabet.keep(text)


def _wild(rng: Rng, alphabet: Alphabet, width: int) -> str:
    """Any characters, all alike: so that none of the dictionary is never seen."""
    count = max(1, min(width, 16) // 2)
    source = alphabet.symbols if alphabet.symbols and chance(rng, 0.3) else alphabet.everything
    return "".join(pick(rng, source) for _ in range(count))
