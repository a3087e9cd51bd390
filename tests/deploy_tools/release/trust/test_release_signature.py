"""Signatures: every byte counts, times hold, keys are told apart, names and sums have one form."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta, timezone

import pytest

from deploy_tools.release.trust.canonical import canonical_json, read_canonical
from deploy_tools.release.trust.names import NameSet, fault_of_all, name_fault
from deploy_tools.release.trust.signature import read_signature, sign, signing_key
from deploy_tools.release.trust.sums import read_sums, sums_text
from deploy_tools.release.trust.times import read_day, read_end, read_time, signing_time, time_text
from edge.errors import InputError
from tests.release_kit.made_release import NOW, SIGNED, canonical, made_key

SUMS = sums_text({"manifest.json": "a" * 64, "cards/模型.md": "0" * 64, "Z": "f" * 64})


def test_every_byte_of_a_signature_and_of_sums_counts() -> None:
    key = made_key()
    content = sign(SUMS, key, SIGNED, NOW).to_json()
    assert signing_key(read_signature(content), SUMS, [key.public], NOW) == key.public
    for place in range(len(content)):
        for change in (1, 0x20, 0x80):
            changed = content[:place] + bytes([content[place] ^ change]) + content[place + 1 :]
            with pytest.raises(ValueError):
                signing_key(read_signature(changed), SUMS, [key.public], NOW)
    for place in range(len(SUMS)):
        changed = SUMS[:place] + bytes([SUMS[place] ^ 1]) + SUMS[place + 1 :]
        with pytest.raises(ValueError, match="does not fit SHA256SUMS"):
            signing_key(read_signature(content), changed, [key.public], NOW)


def test_more_and_fewer_bytes() -> None:
    content = sign(SUMS, made_key(), SIGNED, None).to_json()
    for changed in (content[:-1], content + b"\n", b" " + content, b"", b"{}", b"[]\n", b"\xff"):
        with pytest.raises(ValueError):
            read_signature(changed)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": 2}, "has format 2, this version reads 1"),
        ({"format": True}, "has format True, this version reads 1"),
        ({"note": ""}, "has an unknown field 'note'"),
        ({"key": 7}, "field 'key' is no text"),
        ({"signed": None}, "field 'signed' is no text"),
        ({"expires": 7}, "field 'expires' is no text"),
        ({"signature": ["a"]}, "field 'signature' is no text"),
        ({"signature": "ä"}, "field 'signature' is not base64"),
        ({"signature": "AAAA"}, "field 'signature' has 3 bytes instead of 64"),
    ],
)
def test_fields_of_a_signature(change: dict[str, object], reason: str) -> None:
    values = json.loads(sign(SUMS, made_key(), SIGNED, None).to_json())
    with pytest.raises(ValueError, match=reason):
        read_signature(canonical({**values, **change}))
    del values["expires"]
    with pytest.raises(ValueError, match="lacks field 'expires'"):
        read_signature(canonical(values))


def test_the_message_is_what_the_format_says() -> None:
    """Anybody can verify it without this program."""
    key = made_key()
    signature = sign(SUMS, key, SIGNED, None)
    statement = b"""{
  "expires": null,
  "format": 1,
  "key": "%b",
  "signed": "2026-11-26T07:30:00Z"
}
"""
    message = b"ppocr-edge release 1\n" + statement % key.public.id.encode() + SUMS
    assert key.public.is_signed(message, signature.value)


def test_the_same_signature_every_time() -> None:
    assert sign(SUMS, made_key(), SIGNED, NOW) == sign(SUMS, made_key(), SIGNED, NOW)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"expires": NOW + timedelta(days=900)}, "does not fit"),
        ({"signed": SIGNED - timedelta(days=1)}, "does not fit"),
        ({"key": made_key(2).public.id}, "does not fit"),
        ({"key": made_key(3).public.id}, "is not trusted"),
    ],
)
def test_what_is_stated_is_signed(change: dict[str, object], reason: str) -> None:
    signature = dataclasses.replace(sign(SUMS, made_key(), SIGNED, NOW), **change)
    with pytest.raises(ValueError, match=reason):
        signing_key(signature, SUMS, [made_key().public, made_key(2).public], NOW)


def test_times() -> None:
    key = made_key(expires=NOW)
    signature = sign(SUMS, key, SIGNED, None)
    assert signing_key(signature, SUMS, [key.public], NOW) == key.public
    with pytest.raises(ValueError, match=f"key {key.public.id} expired at 2026-12-01T00:00:00Z"):
        signing_key(signature, SUMS, [key.public], NOW + timedelta(seconds=1))
    with pytest.raises(ValueError, match="it is only 2026-11-25T07:29:59Z here"):
        signing_key(signature, SUMS, [key.public], SIGNED - timedelta(days=1, seconds=1))
    short = sign(SUMS, made_key(), SIGNED, SIGNED + timedelta(days=1))
    with pytest.raises(ValueError, match=r"^expired at 2026-11-27T07:30:00Z"):
        signing_key(short, SUMS, [made_key().public], NOW)


def test_a_key_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [made_key(number).public for number in (1, 2, 3)]
    signature = sign(SUMS, made_key(2), SIGNED, None)
    assert signing_key(signature, SUMS, keys, NOW) == keys[1]
    with pytest.raises(ValueError, match=f"given: {keys[0].id}, {keys[2].id}"):
        signing_key(signature, SUMS, [keys[0], keys[2]], NOW)


def test_when_it_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764142200")
    assert time_text(signing_time()) == "2025-11-26T07:30:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH: is 'yesterday'"):
        signing_time()
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert abs(signing_time() - datetime.now(timezone.utc)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "text", ["2026-11-26", "2026-11-26T07:30:00+00:00", "2026-13-26T07:30:00Z", "２026-11-26T07:30:00Z"]
)
def test_no_times(text: str) -> None:
    with pytest.raises(ValueError):
        read_time(text)


def test_ends() -> None:
    assert time_text(read_end("2w", NOW)) == "2026-12-15T00:00:00Z"
    assert read_end("2028-02-29", NOW) == read_day("2028-02-29")
    for text in ("2026-11-30", "1m", "2027-02-29", "99999y", ""):
        with pytest.raises(ValueError):
            read_end(text, NOW)


def test_canonical_json_has_one_form() -> None:
    value = {"b": 1, "a": ["文", {"z": None}]}
    content = canonical_json(value)
    assert read_canonical(content) == value
    other = [
        b'{"a": 1, "b": 2}\n',
        content.replace(b"  ", b"\t"),
        content.replace("文".encode(), b"\\u6587"),
        content.replace(b"\n", b"\r\n"),
        b'{\n  "a": "\\ud800"\n}\n',
        b'{\n  "a": 1,\n  "a": 1\n}\n',
        b'{\n  "a": NaN\n}\n',
        b'{\n  "a": 1.0e0\n}\n',
    ]
    for changed in other:
        with pytest.raises(ValueError):
            read_canonical(changed)


def test_sums_have_one_form() -> None:
    assert list(read_sums(SUMS)) == ["Z", "cards/模型.md", "manifest.json"]
    lines = SUMS.splitlines(keepends=True)
    line = lines[0]
    bad = [
        b"",
        SUMS[:-1],
        b"".join(reversed(lines)),
        SUMS + lines[2],
        line.upper(),
        line.replace(b"  ", b" *"),
        line.replace(b"Z\n", b"Z\r\n"),
        SUMS + b"\n",
        b"\\" + line,
        line.replace(b"f", b"g"),
        line.replace(b"Z", b"\xff"),
        line.replace(b"Z", b"../Z"),
        line + line.replace(b"Z", b"z"),
        line + line.replace(b"Z", b"Z/below"),
    ]
    for changed in bad:
        with pytest.raises(ValueError):
            read_sums(changed)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "..",
        "a/../b",
        "a//b",
        "./a",
        "a/",
        "-",
        "-rf",
        "~root",
        "a\\b",
        "C:a",
        "a\nb",
        "a\x1b[2J",
        "a\u202eb",
        "e\u0301",
        "a ",
        "a.",
        "a" * 241,
        "*",
    ],
)
def test_names_that_no_release_has(name: str) -> None:
    assert name_fault(name) is not None


def test_names_that_releases_have() -> None:
    names = ["cards/ch_PP-OCRv4_det.md", "made-1.0.0+b7/models/det/model.nb", "模型/é.txt", ".hidden"]
    assert fault_of_all(names) is None


def test_names_that_take_anothers_place() -> None:
    names = NameSet()
    assert names.add("A/b") is None
    assert names.add("A/c") is None
    assert names.add("A", folder=True) is None
    assert names.add("A/b") == "A/b"
    assert names.add("A/B") == "A/b"
    assert names.add("a/d") == "A"
    assert names.add("A/b/c") == "A/b"
    assert names.add("STRASSE/x") is None
    assert names.add("straße/y") == "STRASSE"
