"""The characters of a dictionary sorted by what words can be made of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from slim.data.synthetic.draws import Rng

MIN_LETTERS: Final = 20
"""A script with fewer letters in a dictionary makes no words there: its letters are used as symbols."""

# Scripts whose letters change shape or place by their neighbours, so that a layout engine has to set them.
_SYLLABIC: Final = frozenset(
    (
        "DEVANAGARI",
        "BENGALI",
        "GURMUKHI",
        "GUJARATI",
        "ORIYA",
        "TAMIL",
        "TELUGU",
        "KANNADA",
        "MALAYALAM",
        "SINHALA",
    )
)
_SHAPED: Final = _SYLLABIC | frozenset(
    ("ARABIC", "HEBREW", "SYRIAC", "THAANA", "THAI", "LAO", "TIBETAN", "MYANMAR", "KHMER")
)

# GB/T 2312 and JIS X 0208 put the characters of everyday use into level 1, these rows; KS X 1001 holds the
# 2350 syllables of everyday use
_LEVEL_1: Final = {"gb2312": (16, 55), "euc_jp": (16, 47), "euc_kr": (16, 40)}
_RARE: Final = 0.02
# the most frequent characters of Chinese and of Japanese text, which every frequency list begins with
_COMMON: Final = {
    "gb2312": (
        "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种"
        "事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第"
        "公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合"
        "回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总"
        "何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听"
    ),
    "euc_jp": (
        "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選"
        "立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小"
        "七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原"
    ),
}


@dataclass(frozen=True)
class Weighted:
    """Characters and how often they are drawn.

    Attributes:
        characters: At least one.
        sums: Running sums of their weights.
    """

    characters: str
    sums: tuple[float, ...]

    def draw(self, rng: Rng, count: int) -> str:
        """So many characters, drawn one by one."""
        import numpy as np

        places = np.searchsorted(self.sums, rng.random(count) * self.sums[-1], side="right")
        return "".join(self.characters[int(place)] for place in np.minimum(places, len(self.characters) - 1))


@dataclass(frozen=True)
class Script:
    """Letters of one script.

    Attributes:
        name: The first word of its characters' Unicode names, such as ``LATIN`` or ``CJK``.
        letters: All of them, weighted; small letters only where the script has capitals.
        capitals: Small letter to capital; empty where the script has none.
        marks: Signs that follow a letter.
    """

    name: str
    letters: Weighted
    capitals: Mapping[str, str]
    marks: Weighted | None

    @property
    def syllabic(self) -> bool:
        """Whether vowels are signs around consonants, as in the scripts of India."""
        return self.name in _SYLLABIC


@dataclass(frozen=True)
class Alphabet:
    """What can be written: the characters of a dictionary that a face has glyphs for.

    Attributes:
        characters: All of them but the space.
        scripts: Those words can be made of, the one with most letters first.
        digits: 0 to 9, as far as they are there.
        symbols: Everything else.
    """

    characters: frozenset[str]
    scripts: tuple[Script, ...]
    digits: str
    symbols: str
    everything: str

    def script(self, name: str) -> Script | None:
        """The script of a name, where words can be made of it."""
        return next((script for script in self.scripts if script.name == name), None)

    def keep(self, text: str) -> str:
        """A text without the characters that cannot be written; spaces are kept, single and within."""
        return " ".join("".join(c for c in text if c == " " or c in self.characters).split())


def alphabet_of(characters: Iterable[str]) -> Alphabet:
    """Sort characters; each should have a glyph."""
    unique = list(dict.fromkeys(characters))
    by_script: dict[str, list[str]] = {}
    for character in unique:
        if unicodedata.category(character)[0] in "LM":
            by_script.setdefault(script_of(character), []).append(character)
    scripts = {
        name: found for name, found in by_script.items() if len(found) >= MIN_LETTERS and name != "FULLWIDTH"
    }
    used = {character for found in scripts.values() for character in found}
    digits = "".join(character for character in unique if character in "0123456789")
    codec = _codec(scripts)
    ordered = sorted(scripts, key=lambda name: (-len(scripts[name]), name))
    return Alphabet(
        characters=frozenset(unique),
        scripts=tuple(_script(name, scripts[name], codec) for name in ordered),
        digits=digits,
        symbols="".join(
            character for character in unique if character not in used and character not in digits
        ),
        everything="".join(unique),
    )


def needs_shaping(character: str) -> bool:
    """Whether a layout engine has to set it: it changes by its neighbours, or is written from the right."""
    return script_of(character) in _SHAPED


@lru_cache(maxsize=1 << 15)
def script_of(character: str) -> str:
    """The first word of a character's Unicode name, which names its script; Han characters are ``CJK``."""
    return unicodedata.name(character, "UNKNOWN").replace("-", " ").split()[0]


def _codec(scripts: Mapping[str, Sequence[str]]) -> str:
    """The standard whose levels tell which Han characters and syllables are frequent."""
    if "HANGUL" in scripts:
        return "euc_kr"
    return "euc_jp" if "HIRAGANA" in scripts else "gb2312"


def _script(name: str, found: Sequence[str], codec: str) -> Script:
    marks = [character for character in found if unicodedata.category(character)[0] == "M"]
    letters = [character for character in found if unicodedata.category(character)[0] == "L"] or list(found)
    present = frozenset(letters)
    capitals = {
        small: small.upper() for small in letters if small.upper() != small and small.upper() in present
    }
    taken = frozenset(capitals.values())
    small = [letter for letter in letters if letter not in taken]
    return Script(
        name=name,
        letters=_weighted(small, [_weight(letter, name, codec) for letter in small]),
        capitals=capitals,
        marks=_weighted(marks, [1.0] * len(marks)) if marks else None,
    )


def _weighted(characters: Sequence[str], weights: Sequence[float]) -> Weighted:
    sums: list[float] = []
    total = 0.0
    for weight in weights:
        total += weight
        sums.append(total)
    return Weighted("".join(characters), tuple(sums))


# per thousand letters of English text, rounded (after H. Beker, F. Piper, "Cipher Systems", 1982)
_LATIN: Final = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2, 20, 1),
        strict=True,
    )
)


def _weight(letter: str, script: str, codec: str) -> float:
    if script == "LATIN":
        return max(4, _LATIN[letter.lower()]) if letter.lower() in _LATIN else 1.5
    if script == "CJK" and codec != "euc_kr" and letter in _COMMON[codec]:
        return 6.0
    if script in ("CJK", "HANGUL"):
        return 1.0 if _is_frequent(letter, codec) else _RARE
    return 1.0


def _is_frequent(letter: str, codec: str) -> bool:
    try:
        row = letter.encode(codec)[0] - 0xA0
    except UnicodeEncodeError:
        return False
    low, high = _LEVEL_1[codec]
    return low <= row <= high
