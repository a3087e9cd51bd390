"""Words of random letters that look like words: of capitals and small letters, ideographs, syllables."""

from __future__ import annotations

import unicodedata
from typing import Final

from slim.data.synthetic.alphabet import Alphabet, Script
from slim.data.synthetic.draws import Rng, chance, pick, pick_weighted, whole

_VOWELS: Final = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿāăąēėęīįōőœūųůаеёиоуыэюя")
_NO_SPACES: Final = ("CJK", "HIRAGANA", "KATAKANA")


def words(rng: Rng, alphabet: Alphabet, script: Script, width: int) -> str:
    """Words of one script, about so many half-width columns in all."""
    if script.name in _NO_SPACES:
        return _run(rng, alphabet, script, width)
    made: list[str] = []
    style = pick_weighted(rng, [(0.45, "title"), (0.3, "first"), (0.15, "upper"), (0.1, "lower")])
    left = width
    while left > 0:
        word = _word(rng, script, min(left, _length(rng, script)))
        made.append(_in_case(word, script, style, first=not made))
        left -= _columns(word) + 1
    return _punctuated(rng, alphabet, made)


def _length(rng: Rng, script: Script) -> int:
    if script.name == "HANGUL":
        return 2 * whole(rng, 1, 5)
    return pick_weighted(rng, [(0.15, whole(rng, 1, 3)), (0.6, whole(rng, 3, 7)), (0.25, whole(rng, 6, 12))])


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _word(rng: Rng, script: Script, width: int) -> str:
    if script.name == "HANGUL":
        return script.letters.draw(rng, max(1, width // 2))
    if script.syllabic:
        return _syllables(rng, script, max(1, (width + 1) // 2))
    if not script.capitals:
        return script.letters.draw(rng, max(1, width))
    # more letters than needed: of two consonants after another one is often passed over, as words do
    word = ""
    for letter in script.letters.draw(rng, 2 * width + 2):
        if len(word) == max(1, width):
            break
        alike = word and (letter in _VOWELS) == (word[-1] in _VOWELS)
        if not alike or chance(rng, 0.35):
            word += letter
    return word


def _syllables(rng: Rng, script: Script, count: int) -> str:
    made = ""
    for letter in script.letters.draw(rng, count):
        made += letter
        if script.marks is not None and _is_consonant(letter) and chance(rng, 0.6):
            mark = script.marks.draw(rng, 1)
            made += mark
            if unicodedata.combining(mark) == 9:  # a virama joins what follows
                made += pick(rng, [c for c in script.letters.characters if _is_consonant(c)])
    return made


def _is_consonant(letter: str) -> bool:
    last = unicodedata.name(letter, "").rsplit(" ", 1)[-1]
    return len(last) > 1 and last[0] not in "AEIOU"


def _in_case(word: str, script: Script, style: str, *, first: bool) -> str:
    if style == "upper":
        return "".join(script.capitals.get(letter, letter) for letter in word)
    if style == "title" or (style == "first" and first):
        return script.capitals.get(word[0], word[0]) + word[1:]
    return word


def _punctuated(rng: Rng, alphabet: Alphabet, made: list[str]) -> str:
    text = ""
    for i, word in enumerate(made):
        if i:
            text += pick_weighted(
                rng, [(0.8, " "), (0.08, ", "), (0.04, "-"), (0.03, ". "), (0.02, " & "), (0.03, "/")]
            )
        text += word
    if chance(rng, 0.2):
        text += pick(rng, ".:!?,")
    elif chance(rng, 0.05):
        text = pick(rng, [f"({text})", f'"{text}"', f"* {text}", f"- {text}"])
    return alphabet.keep(text)


def _run(rng: Rng, alphabet: Alphabet, script: Script, width: int) -> str:
    """Ideographs and kana without spaces, now and then with punctuation."""
    count = max(1, width // 2)
    kana = [one for one in (alphabet.script("HIRAGANA"), alphabet.script("KATAKANA")) if one is not None]
    text = ""
    while len(text) < count:
        part = script if not kana or chance(rng, 0.5) else pick(rng, kana)
        text += part.letters.draw(rng, min(count - len(text), whole(rng, 1, 4) if kana else count))
    if count > 5 and chance(rng, 0.3):
        at = whole(rng, 2, count - 2)
        text = text[:at] + pick(rng, "，、。：；·,:") + text[at + 1 :]
    if count > 3 and chance(rng, 0.15):
        text = text[:-1] + pick(rng, "。！？：；…")
    if count > 4 and chance(rng, 0.08):
        left, right = pick(
            rng, (("（", "）"), ("(", ")"), ("《", "》"), ("“", "”"), ("【", "】"), ("「", "」"))
        )
        at = whole(rng, 0, count - 4)
        text = text[:at] + left + text[at + 1 : at + 3] + right + text[at + 4 :]
    return alphabet.keep(text)
