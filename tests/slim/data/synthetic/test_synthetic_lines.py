"""Line pictures say their text, in the dictionary's characters alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import InputError
from edge.ocr.charset import read_character_set
from edge.ocr.parameters import RecognitionParameters
from edge.ocr.recognize import TextRecognizer
from edge.predictor.spec import InputSpec
from slim.data.synthetic import SyntheticLines
from slim.data.synthetic.draws import item_rng
from slim.data.synthetic.lettering import letter
from slim.data.synthetic.text import TextMaker
from slim.data.synthetic.typefaces import Typefaces
from slim.metrics import character_error_rate
from slim.reference.predictor import PaddlePredictor

DICTIONARY = "ch_ppocr_rec/ppocr_keys_v1.txt"


def test_texts_are_of_the_dictionary(chinese: str, english: str) -> None:
    for characters in (chinese, english, "0123456789.,-"):
        for item in SyntheticLines(characters, count=150, seed=4):
            assert item.text
            assert set(item.text) <= set(characters)
            assert item.text == " ".join(item.text.split())
            assert item.picture.mode == "RGB"
            assert 8 <= item.picture.height <= 160


def test_spaces_are_labelled_only_where_there_is_a_class(english: str) -> None:
    with_space = SyntheticLines(english, count=80, seed=6)
    without = SyntheticLines(english.replace(" ", ""), count=80, seed=6)
    assert any(" " in item.text for item in with_space)
    assert not any(" " in item.text for item in without)
    assert [item.text.replace(" ", "") for item in with_space] == [item.text for item in without]


def test_every_character_is_drawn_sooner_or_later(english: str) -> None:
    text = "".join(item.text for item in SyntheticLines(english, count=1500, seed=1))
    assert set(text) == set(english)


def test_frequent_ideographs_are_drawn_more_often(chinese: str) -> None:
    maker = TextMaker(Typefaces(chinese), None)
    text = "".join(maker.line(item_rng(0, index))[0] for index in range(1500))
    han = [c for c in text if "\u4e00" <= c <= "\u9fff"]
    level_1 = sum(c.encode("gb2312")[0] - 0xA0 <= 55 for c in han)
    assert len(han) > 3000
    assert 0.9 < level_1 / len(han) < 1


def test_texts_of_the_user(english: str) -> None:
    texts = ["Delivery note 17", "a  tab\tand ünïcode", "纸品", "x" * 300]
    items = list(SyntheticLines(english, count=60, seed=5, texts=texts))
    found = {item.text for item in items}
    assert {"Delivery note 17", "a tab and ncode"} <= found
    long = [text for text in found if text.startswith("xx")]
    assert long
    assert max(map(len, long)) <= 44
    assert not any("纸" in text for text in found)


def test_texts_that_cannot_be_drawn(english: str) -> None:
    with pytest.raises(InputError, match=r"texts: none of 2 lines has a character of the dictionary"):
        SyntheticLines(english, count=1, seed=0, texts=["", "纸品"])


@pytest.mark.embedded
def test_the_default_recognizer_reads_what_is_drawn(embedded_models: Path, chinese: str) -> None:
    """Plain lines, black on white, as they come out of the lettering; and others as photographs."""
    lines = SyntheticLines(chinese, count=160, seed=9)
    plain, texts = [], []
    for index in range(80):
        text, hand = lines._maker.line(item_rng(9, index))
        made = letter(hand, text, 32)
        assert made is not None
        plain.append(made.mask.point(lambda value: 255 - value).convert("RGB"))
        texts.append(text)
    photographs = [lines[index] for index in range(80, 160)]
    characters = read_character_set(embedded_models.parent / DICTIONARY, use_space=True)
    network = embedded_models / "ch_PP-OCRv4_rec_infer"
    with PaddlePredictor(network, [InputSpec((-1, 3, 48, -1))]) as predictor:
        recognizer = TextRecognizer(predictor, characters, RecognitionParameters(height=48))
        read = [found.text for found in recognizer.recognize(plain)]
        seen = [found.text for found in recognizer.recognize([item.picture for item in photographs])]
    # accents, bare symbols and rare characters are its mistakes, not ours
    assert _error(read, texts) < 0.05
    assert _error(seen, [item.text for item in photographs]) < 0.2


def _error(read: list[str], truth: list[str]) -> float:
    """Character errors; spaces of random words are nobody's to know."""
    return character_error_rate([t.replace(" ", "") for t in read], [t.replace(" ", "") for t in truth])
