"""What synthetic lines say: words, numbers and mixtures of both, or lines of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge.errors import InputError
from slim.data.synthetic.alphabet import Alphabet, Script
from slim.data.synthetic.draws import Rng, between_log, chance, pick, pick_weighted, whole
from slim.data.synthetic.figures import figure
from slim.data.synthetic.hand import Hand, draw_hand
from slim.data.synthetic.typefaces import Typefaces
from slim.data.synthetic.words import words

MAX_WIDTH: Final = 44
"""Longest line in half-width columns; a Han character takes two."""

_FAITHFUL: Final = 0.85
_TRIES: Final = 6


class TextMaker:
    """Draws texts together with faces that have their characters.

    Args:
        typefaces: The faces.
        texts: Lines to draw from instead of making some; characters that cannot be drawn are left out.

    Raises:
        InputError: No line of the texts has a character that can be drawn.
    """

    def __init__(self, typefaces: Typefaces, texts: Sequence[str] | None) -> None:
        self.typefaces = typefaces
        self._texts = None if texts is None else _writable(typefaces, texts)
        self._scripts = _by_weight(typefaces.scripts)

    def line(self, rng: Rng) -> tuple[str, Hand]:
        """A text of at least one character, and how it is set."""
        if self._texts is not None:
            text = pick(rng, self._texts)
            face = self.typefaces.draw_covering(rng, text)
            return _cut(rng, face.alphabet.keep(text)), draw_hand(rng, face, None)
        hand = self.hand(rng)
        return self._made(rng, hand, round(between_log(rng, 3, MAX_WIDTH))), hand

    def hand(self, rng: Rng) -> Hand:
        """How the lines of a block are set."""
        if self._texts is not None:
            return draw_hand(rng, self.typefaces.draw_covering(rng, pick(rng, self._texts)), None)
        script = pick_weighted(rng, self._scripts) if self._scripts else None
        return draw_hand(rng, self.typefaces.draw_for(rng, script), script)

    def text(self, rng: Rng, hand: Hand, width: int) -> str:
        """A text for a hand, about so many half-width columns wide; own texts have the width they have."""
        if self._texts is None:
            return self._made(rng, hand, width)
        best = ""
        for _ in range(_TRIES):
            text = pick(rng, self._texts)
            best = max(best, hand.face.alphabet.keep(text), key=len)
            if best == text:
                break
        return best

    def _made(self, rng: Rng, hand: Hand, width: int) -> str:
        alphabet = hand.face.alphabet
        usable = [
            (weight, one) for weight, name in self._scripts if (one := alphabet.script(name)) is not None
        ]
        own = alphabet.script(hand.script) if hand.script else None
        text = ""
        if usable:
            script = own if own is not None and chance(rng, _FAITHFUL) else pick_weighted(rng, usable)
            text = _composed(rng, alphabet, script, usable, width)
        elif alphabet.digits:
            text = _figures(rng, alphabet, width)
        return text or _any(rng, alphabet, width)


def _writable(typefaces: Typefaces, texts: Sequence[str]) -> list[str]:
    """The texts without what no face can write."""
    characters = dict.fromkeys(character for text in texts for character in text)
    written = {character for character in characters if character.isspace() or typefaces.writes(character)}
    kept = [" ".join("".join(c for c in text if c in written).split()) for text in texts]
    if not any(kept):
        raise InputError(
            "texts",
            f"none of {len(texts)} lines has a character of the dictionary that the installed fonts have",
            "give lines in the dictionary's language",
        )
    return [text for text in kept if text]


def _cut(rng: Rng, text: str) -> str:
    """A part of a text that is too long for a line."""
    if len(text) <= MAX_WIDTH:
        return text
    start = whole(rng, 0, len(text) - MAX_WIDTH)
    return text[start : start + MAX_WIDTH].strip()


def _by_weight(scripts: Sequence[str]) -> list[tuple[float, str]]:
    """How often lines are in each script: in that of the language most; kana come with Han characters."""
    weights = {name: 1.0 for name in scripts if name not in ("HIRAGANA", "KATAKANA")}
    if len(weights) > 1 and "LATIN" in weights:
        weights["LATIN"] = 0.7 if "CJK" in weights else 0.45
    if "HANGUL" in weights and "CJK" in weights:
        weights["CJK"] = 0.15  # hardly used any more, though the dictionary has 1716
    return [(weight, name) for name, weight in weights.items()] or [(1.0, name) for name in scripts]


def _composed(
    rng: Rng, alphabet: Alphabet, script: Script, usable: Sequence[tuple[float, Script]], width: int
) -> str:
    kind = rng.random()
    if kind < 0.04:
        return _any(rng, alphabet, width)
    if alphabet.digits and kind < 0.2:
        return _figures(rng, alphabet, width)
    if alphabet.digits and kind < 0.38 and width > 6:
        parts = [words(rng, alphabet, script, width // 2), figure(rng, alphabet)]
        if chance(rng, 0.3):
            parts.reverse()
        glue = pick(rng, (" ", ": ", "", "：", " - ") if script.name == "CJK" else (" ", ": ", " - ", " #"))
        return alphabet.keep(glue.join(parts))
    if kind < 0.45 and len(usable) > 1 and width > 6:
        other = pick_weighted(rng, usable)
        share = whole(rng, 2, width - 2)
        parts = [words(rng, alphabet, script, share), words(rng, alphabet, other, width - share)]
        return alphabet.keep(pick(rng, (" ", "", "(", "/")).join(parts))
    return words(rng, alphabet, script, width)


def _figures(rng: Rng, alphabet: Alphabet, width: int) -> str:
    text = figure(rng, alphabet)
    while len(text) + 6 < width and chance(rng, 0.35):
        text = f"{text} {figure(rng, alphabet)}"
    return alphabet.keep(text)


def _any(rng: Rng, alphabet: Alphabet, width: int) -> str:
    """Any characters, all alike: so that none of the dictionary is never seen."""
    count = max(1, min(width, 16) // 2)
    source = alphabet.symbols if alphabet.symbols and chance(rng, 0.3) else alphabet.everything
    return "".join(pick(rng, source) for _ in range(count))
