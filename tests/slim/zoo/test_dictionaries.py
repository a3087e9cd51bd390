"""Reading dictionaries as the trainer does, and refusing the wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import SourceError
from slim.zoo.catalog import find_entry
from slim.zoo.dictionaries import characters, check_dictionary, class_count


def test_lines_are_split_into_characters() -> None:
    assert characters(b"a\nb\r\np\t\n \n\xe4\xb8\x80") == ("a", "b", "p", "\t", " ", "一")
    assert characters(b"") == ()
    assert characters(b"a\n\nb\n") == ("a", "b")


def test_blank_and_space_are_classes() -> None:
    assert class_count(b"a\nb\n", use_space_char=False) == 3
    assert class_count(b"a\nb\n", use_space_char=True) == 4


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("en_dict.txt", "95 characters, where german_dict.txt has 144"),
        ("ic15_dict.txt", "36 characters"),
        ("SOURCE.txt", "characters, where german_dict.txt has 144"),
    ],
)
def test_another_dictionary_is_refused(shared_dir: Path, name: str, found: str) -> None:
    with pytest.raises(SourceError) as caught:
        check_dictionary(shared_dir / "dicts" / name, find_entry("german_mobile_v2.0_rec"), "origin")
    assert found in caught.value.found
    assert "release/2.2/ppocr/utils/dict/german_dict.txt" in caught.value.remedy


@pytest.mark.shared
def test_a_dictionary_with_two_lines_swapped_is_refused(shared_dir: Path, tmp_path: Path) -> None:
    """The count is right, and every text read with it would be wrong."""
    lines = (shared_dir / "dicts" / "german_dict.txt").read_text(encoding="utf-8").split("\n")
    lines[10], lines[11] = lines[11], lines[10]
    (tmp_path / "german_dict.txt").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SourceError, match=r"not the published german_dict\.txt"):
        check_dictionary(tmp_path / "german_dict.txt", find_entry("german_mobile_v2.0_rec"), "origin")


@pytest.mark.shared
def test_an_editor_that_strips_white_space_is_noticed(shared_dir: Path, tmp_path: Path) -> None:
    text = (shared_dir / "dicts" / "german_dict.txt").read_text(encoding="utf-8")
    (tmp_path / "german_dict.txt").write_text(text.replace("p\t", "p"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"143 characters, where german_dict\.txt has 144"):
        check_dictionary(tmp_path / "german_dict.txt", find_entry("german_mobile_v2.0_rec"), "origin")


def test_a_binary_file_is_no_dictionary(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(SourceError, match="no text"):
        check_dictionary(tmp_path / "x", find_entry("german_mobile_v2.0_rec"), "origin")


@pytest.mark.shared
def test_the_right_dictionary_passes(shared_dir: Path) -> None:
    check_dictionary(shared_dir / "dicts" / "german_dict.txt", find_entry("german_mobile_v2.0_rec"), "origin")
