"""Dictionaries and their traps: lines of two characters, spaces, line ends, counts that decide."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.errors import InputError
from edge.ocr.charset import MAX_FILE, character_set, read_character_set

DE = "a\nb\np\t\nß\n"


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    return tmp_path / "dict.txt"


def test_blank_comes_first_and_the_space_last(dictionary: Path) -> None:
    dictionary.write_text("0\n京\n𠀀\n", encoding="utf-8")
    assert read_character_set(dictionary, use_space=True).classes == ("", "0", "京", "𠀀", " ")
    assert read_character_set(dictionary, use_space=False).classes == ("", "0", "京", "𠀀")
    assert len(read_character_set(dictionary, use_space=True)) == 5


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (None, ("", "a", "b", "p", "\t", "ß")),
        (6, ("", "a", "b", "p", "\t", "ß")),
        (5, ("", "a", "b", "p\t", "ß")),
    ],
)
def test_a_line_of_two_characters_is_two_classes_unless_the_network_counts_it_once(
    classes: int | None, expected: tuple[str, ...], dictionary: Path
) -> None:
    dictionary.write_text(DE, encoding="utf-8")
    assert read_character_set(dictionary, use_space=False, classes=classes).classes == expected


@pytest.mark.parametrize("use_space", [False, True])
@pytest.mark.parametrize("classes", [2, 4, 7, 6625])
def test_a_count_that_does_not_fit_is_refused(use_space: bool, classes: int, dictionary: Path) -> None:
    dictionary.write_text(DE, encoding="utf-8")
    if (classes, use_space) == (7, True):
        assert len(read_character_set(dictionary, use_space=True, classes=7)) == 7
        return
    count = "7 classes with blank and space" if use_space else "6 classes with blank"
    with pytest.raises(
        InputError, match=f"makes {count}, the network {classes}; use the dictionary the model"
    ):
        read_character_set(dictionary, use_space=use_space, classes=classes)


@pytest.mark.parametrize(
    "content",
    [
        b"a\nb\nc\n",
        b"a\nb\nc",
        b"a\r\nb\r\nc\r\n",
        b"a\r\nb\nc",
        b"\xef\xbb\xbfa\nb\nc\n",
        b"\xef\xbb\xbfa\r\nb\r\nc",
    ],
    ids=["as published", "no end of line", "CRLF", "mixed", "BOM", "BOM and CRLF"],
)
def test_line_ends_and_byte_order_marks(content: bytes, dictionary: Path) -> None:
    dictionary.write_bytes(content)
    assert read_character_set(dictionary, use_space=False).classes == ("", "a", "b", "c")


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\x0b", "\x1c", "\u3000", "\ufeff", " ", "\t"])
def test_characters_that_other_readers_take_for_line_ends_or_strip(odd: str, dictionary: Path) -> None:
    dictionary.write_text(f"a\n{odd}\nb\n", encoding="utf-8")
    assert read_character_set(dictionary, use_space=False).classes == ("", "a", odd, "b")


def test_a_model_without_a_class_for_the_space_is_known_by_its_count(dictionary: Path) -> None:
    dictionary.write_text("a\nb\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"or say that it has no class for the space, .* \(--no-space\)"):
        read_character_set(dictionary, use_space=True, classes=3)
    with pytest.raises(InputError, match=r"the model was trained with$"):
        read_character_set(dictionary, use_space=True, classes=2)


def test_an_empty_line_is_no_class_unless_the_network_has_one(dictionary: Path) -> None:
    dictionary.write_text("a\n\nb\n", encoding="utf-8")
    assert read_character_set(dictionary, use_space=False).classes == ("", "a", "b")
    assert read_character_set(dictionary, use_space=False, classes=4).classes == ("", "a", "", "b")


def test_a_dictionary_with_a_space_of_its_own_keeps_it(dictionary: Path) -> None:
    dictionary.write_text("a\n \n", encoding="utf-8")
    assert read_character_set(dictionary, use_space=True).classes == ("", "a", " ", " ")


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n", b"\n\n\n", b"\xef\xbb\xbf"])
def test_empty_dictionaries_are_refused(content: bytes, dictionary: Path) -> None:
    dictionary.write_bytes(content)
    with pytest.raises(
        InputError, match=r"dict\.txt: is an empty dictionary; give a dictionary with one character"
    ):
        read_character_set(dictionary, use_space=True)


@pytest.mark.parametrize(
    "content", ["京".encode("gbk"), "a\nb\n".encode("utf-16"), b"\xff\xfe\n", bytes(range(256))]
)
def test_other_encodings_are_refused(content: bytes, dictionary: Path) -> None:
    dictionary.write_bytes(content)
    with pytest.raises(InputError, match=r"dict\.txt: is not UTF-8 text; "):
        read_character_set(dictionary, use_space=True)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"absent\.txt: cannot be read \(No such file or directory\); pull the model"
    ):
        read_character_set(tmp_path / "absent.txt", use_space=True)
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\)"):
        read_character_set(tmp_path, use_space=True)


@pytest.mark.timeout(20)
def test_what_never_ends_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    for path in (tmp_path / "pipe.txt", Path("/dev/zero")):
        with pytest.raises(InputError, match="is not a regular file; give a text file with one character a"):
            read_character_set(path, use_space=True)


def test_a_huge_file_is_refused_unread(dictionary: Path) -> None:
    dictionary.write_text("a\n")
    os.truncate(dictionary, MAX_FILE + 1)
    with pytest.raises(InputError, match=r"dict\.txt: has 16777217 bytes, more than the 16777216 "):
        read_character_set(dictionary, use_space=True)


def test_a_set_from_characters() -> None:
    assert character_set("ab ").classes == ("", "a", "b", " ")


# classes of the published networks: a line p<TAB> counts twice in the German, Kannada and Tamil ones
@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "use_space", "classes"),
    [
        ("ppocr_keys_v1", True, 6625),
        ("en_dict", True, 97),
        ("french_dict", False, 137),
        ("japan_dict", False, 4400),
        ("korean_dict", False, 3689),
        ("german_dict", False, 145),
        ("ka_dict", False, 155),
        ("ta_dict", False, 130),
        ("te_dict", False, 152),
    ],
)
def test_published_dictionaries(name: str, use_space: bool, classes: int, shared_dir: Path) -> None:
    path = shared_dir / "dicts" / f"{name}.txt"
    characters = read_character_set(path, use_space=use_space, classes=classes)
    assert len(characters) == classes
    assert all(len(character) == 1 for character in characters.classes[1:])
    assert characters == read_character_set(path, use_space=use_space)
