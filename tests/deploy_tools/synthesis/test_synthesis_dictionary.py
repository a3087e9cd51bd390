"""From a name to characters: the zoo's dictionaries and files of the user's own."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.synthesis import dictionary as module
from deploy_tools.synthesis.dictionary import find_characters
from edge.errors import InputError, ModelError, SourceError
from slim.zoo.catalog import find_entry
from slim.zoo.progress import Silent
from slim.zoo.pull import ensure


def test_a_dictionary_file(tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text("a\nb\np\t\n永\n", encoding="utf-8")
    found = find_characters(str(keys), use_space=True, progress=Silent())
    assert (found.name, found.characters) == ("keys.txt", ("a", "b", "p", "\t", "永", " "))
    assert find_characters(str(keys), use_space=False, progress=Silent()).characters[-1] == "永"


def test_what_is_no_dictionary(tmp_path: Path) -> None:
    cases = (
        (str(tmp_path), InputError, "is a folder; name a dictionary file"),
        ("none.txt", InputError, "none.txt: cannot be read"),
        ("ch_ppocr_mobile_v2.0_det", ModelError, "reads no text, so it has no dictionary; name a recognizer"),
        ("ch_ppocr_mobile_v2.0_rek", ModelError, "did you mean ch_ppocr_mobile_v2.0_rec"),
    )
    for name, error, words in cases:
        with pytest.raises(error, match=words):
            find_characters(name, use_space=True, progress=Silent())


@pytest.mark.embedded
def test_the_dictionary_alone_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path / "home"))
    found = find_characters("ch_PP-OCRv4_rec", use_space=False, progress=Silent())
    assert len(found.characters) == 6624
    assert found.characters[-1] == " "
    assert not (tmp_path / "home" / "models").exists()


@pytest.mark.embedded
def test_a_model_that_is_here_needs_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path))
    ensure("ch_PP-OCRv4_rec")

    def none_to_ask() -> None:
        raise AssertionError("a source was asked")

    monkeypatch.setattr(module, "default_sources", none_to_ask)
    assert len(find_characters("ch_PP-OCRv4_rec", use_space=True, progress=Silent()).characters) == 6624


@pytest.mark.shared
def test_a_mirror_has_it(shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_MIRROR", str(shared_dir / "mirror"))
    found = find_characters("japan_mobile_v2.0_rec", use_space=True, progress=Silent())
    assert len(found.characters) == 4399
    assert found.characters.count(" ") == 1  # its own: the zoo adds none


def test_another_file_under_its_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = find_entry("en_number_mobile_v2.0_rec")
    assert entry.dictionary is not None
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / entry.dictionary.name).write_text("a\nb\n")
    monkeypatch.setenv("PPOCR_EDGE_MIRROR", str(mirror))
    monkeypatch.setattr(module, "default_sources", lambda: module_sources()[:2])
    with pytest.raises(SourceError, match=r"needs the dictionary en_dict\.txt: 2 characters, where"):
        find_characters(entry.name, use_space=True, progress=Silent())
    content = b"a\nb\n"
    known = replace(entry.dictionary, sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(module, "find_entry", lambda name: replace(entry, dictionary=known))
    assert find_characters(entry.name, use_space=True, progress=Silent()).characters == ("a", "b", " ")


module_sources = module.default_sources
