"""Fonts by what they cover: no character is drawn that a face does not have, and a lack is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import features

from edge.errors import InputError
from slim.data.synthetic import SyntheticLines, SyntheticPages
from slim.data.synthetic.draws import item_rng
from slim.data.synthetic.text import TextMaker
from slim.data.synthetic.typefaces import Typefaces
from slim.fonts import FontCatalogue
from tests.build_font import build_font

TELUGU = "".join(map(chr, (*range(0x0C05, 0x0C0D), *range(0x0C15, 0x0C29), *range(0x0C3E, 0x0C45), 0x0C4D)))
HEBREW = "".join(map(chr, range(0x05D0, 0x05EB)))
ASCII = "".join(map(chr, range(0x21, 0x7F)))


def fonts(monkeypatch: pytest.MonkeyPatch, folder: Path, **families: str) -> None:
    """Install fonts, each with some characters, instead of the machine's."""
    for family, characters in families.items():
        build_font(folder / f"{family}.ttf", characters, family=f"Test {family}")
    monkeypatch.setenv("PPOCR_EDGE_FONTS", str(folder))


def test_texts_stay_within_what_their_face_covers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    capitals, small = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
    fonts(monkeypatch, tmp_path, Capitals=capitals + "0123456789", Small=small + ".,:")
    typefaces = Typefaces(ASCII + "é")
    assert "é" in typefaces.missing or "Aileron" in typefaces.families
    maker = TextMaker(typefaces, None)
    faces = {face.path: face for face in FontCatalogue.scan().faces}
    drawn = set()
    for index in range(300):
        text, hand = maker.line(item_rng(0, index))
        drawn.add(hand.face.face.family)
        assert faces[hand.face.face.path].missing(text.replace(" ", "")) == ""
    assert {"Test Capitals", "Test Small"} <= drawn


def test_a_script_that_no_font_has_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fonts(monkeypatch, tmp_path, Latin=ASCII)
    cases = (
        ("".join(map(chr, range(0x4E00, 0x4F00))), "0 of its 256 Cjk characters", "fonts-noto-cjk"),
        (HEBREW, "0 of its 27 Hebrew characters", "fonts-noto-core"),
    )
    for script, found, package in cases:
        for kind in (SyntheticLines, SyntheticPages):
            with pytest.raises(InputError, match=f"dictionary: the installed fonts have {found}.*{package}"):
                kind(ASCII + script, count=1, seed=0)


def test_a_few_missing_characters_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fonts(monkeypatch, tmp_path, Latin=ASCII)
    lines = SyntheticLines(f"{ASCII}永☃ ", count=200, seed=0)
    assert lines.missing == "永☃"
    assert not {"永", "☃"} & set("".join(item.text for item in lines))


def test_a_dictionary_of_nothing_to_draw() -> None:
    with pytest.raises(InputError, match="the installed fonts have 0 of its 0 characters"):
        SyntheticLines([" ", "\t"], count=1, seed=0)


@pytest.mark.skipif(not features.check("raqm"), reason="Pillow has no layout engine here")
def test_scripts_that_need_a_layout_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fonts(monkeypatch, tmp_path, Telugu=TELUGU, Latin=ASCII)
    lines = SyntheticLines(f"{TELUGU}{ASCII} ", count=150, seed=0)
    texts = [item.text for item in lines]
    assert any(set(text) & set(TELUGU) for text in texts)
    # a sign never begins a word
    assert not any(
        word[0] in TELUGU[-8:]
        for text in texts
        for word in text.split()
        if set(word) <= set(TELUGU) and len(word) > 8
    )

    monkeypatch.setattr(features, "check", lambda feature: feature != "raqm")
    with pytest.raises(
        InputError, match="Telugu characters need a layout engine that Pillow lacks here; install"
    ):
        SyntheticLines(f"{TELUGU}{ASCII} ", count=1, seed=0)


def test_one_family_with_many_faces_is_not_drawn_more_often(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number in range(8):
        build_font(tmp_path / f"{number}.ttf", ASCII, family="Test Many", weight=100 + 100 * number)
    fonts(monkeypatch, tmp_path, One=ASCII)
    typefaces = Typefaces(ASCII)
    drawn = [typefaces.draw_for(item_rng(0, index), "LATIN").face.family for index in range(300)]
    assert 0.6 < drawn.count("Test Many") / drawn.count("Test One") < 1.7
