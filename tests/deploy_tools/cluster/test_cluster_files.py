"""Files that are sent to workers: what is taken, what is refused, and what is made of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.cluster.files import MOST_AT_ONCE, SentFiles
from deploy_tools.cluster.wire_form import MOST_BYTES, pack, unpack
from deploy_tools.devices.local import LocalDevice
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.plan import Plan, Unit
from deploy_tools.scenarios.planning import Wanted, plan_networks
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import InputError

DATA = b"0123456789" * 100
NAME = hashlib.sha256(DATA).hexdigest()
TOKEN = "0123abcd"


def test_in_pieces(tmp_path: Path) -> None:
    files = SentFiles(tmp_path)
    assert files.lacks({NAME: 1000}) == [NAME]
    for offset in range(0, 1000, 300):
        assert files.lacks({NAME: 1000}) == [NAME]
        files.put(NAME, 1000, offset, DATA[offset : offset + 300], TOKEN)
    assert files.lacks({NAME: 1000}) == []
    assert files.input(f"{NAME}/a photo.jpg").read_bytes() == DATA
    assert SentFiles(tmp_path).lacks({NAME: 1000}) == [], "it is there for the next worker"
    assert not list(tmp_path.rglob("*.part"))
    empty = hashlib.sha256(b"").hexdigest()
    files.put(empty, 0, 0, b"", TOKEN)
    assert files.lacks({empty: 0}) == []


def test_what_is_refused(tmp_path: Path) -> None:
    files = SentFiles(tmp_path)
    with pytest.raises(InputError, match="does not have the SHA-256 it should"):
        files.put(NAME, 1000, 0, DATA[::-1], TOKEN)
    assert not list(tmp_path.rglob("*.part"))
    assert files.lacks({NAME: 1000}) == [NAME]
    files.put(NAME, 1000, 0, DATA[:300], TOKEN)
    with pytest.raises(InputError, match="does not follow the one before"):
        files.put(NAME, 1000, 600, DATA[600:700], TOKEN)
    for size, data in ((100, DATA), (MOST_BYTES, b"0" * (MOST_AT_ONCE + 1))):
        with pytest.raises(InputError, match="is not what was announced"):
            files.put(NAME, size, 0, data, TOKEN)
    for name in ("../../etc/passwd", NAME.upper(), NAME[:-1], ""):
        with pytest.raises(InputError, match="is called"):
            files.lacks({name: 1})
        with pytest.raises(InputError, match="was not sent"):
            files.bundle(name)
    for size in (-1, MOST_BYTES + 1):
        with pytest.raises(InputError, match=f"the most is {MOST_BYTES}|has {size} bytes"):
            files.lacks({NAME: size})
    for token in ("", "../x", "a/b" * 4):
        with pytest.raises(InputError, match="is not what was announced"):
            files.put(NAME, 1000, 0, DATA, token)
    files.put(NAME, 1000, 0, DATA, TOKEN)
    for own in ("..", ".", "", "a/b", "\0", "x" * 300):
        with pytest.raises(InputError, match="is called"):
            files.input(f"{NAME}/{own}")
    with pytest.raises(InputError, match="a manifest that was sent"):
        files.bundle(NAME)


def test_what_was_damaged_is_sent_again(tmp_path: Path) -> None:
    SentFiles(tmp_path).put(NAME, 1000, 0, DATA, TOKEN)
    (tmp_path / "files" / NAME).write_bytes(DATA[::-1])
    files = SentFiles(tmp_path)
    assert files.lacks({NAME: 1000}) == [NAME]
    files.put(NAME, 1000, 0, DATA, TOKEN)
    assert files.input(f"{NAME}/x").read_bytes() == DATA


def test_what_was_not_used_for_long_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = SentFiles(tmp_path)
    other = hashlib.sha256(b"other").hexdigest()
    files.put(NAME, 1000, 0, DATA, TOKEN)
    files.put(other, 5, 0, b"other", TOKEN)
    files.put("0" * 64, 9, 0, b"half", TOKEN)
    os.utime(tmp_path / "files" / NAME, (1, 1))
    files.tidy()
    assert files.lacks({NAME: 1000, other: 5}) == [], "there is room"
    for path in (tmp_path / "files").iterdir():
        if path.name != other:
            os.utime(path, (1, 1))
    monkeypatch.setattr("deploy_tools.cluster.files.MOST_KEPT", 500)
    files.tidy()
    assert [path.name for path in (tmp_path / "files").iterdir()] == [other]


@pytest.fixture
def unit(default_bundles: Mapping[str, Bundle]) -> Unit:
    plan = plan_networks("latency", [LocalDevice()], Wanted([default_bundles["rec"]]), Conditions(runs=7))
    return plan.units[0]


@pytest.mark.embedded
def test_a_unit_travels(unit: Unit, tmp_path: Path) -> None:
    packed = pack(unit, "there")
    files = SentFiles(tmp_path)
    sizes = {name: path.stat().st_size for name, path in packed.files.items()}
    for name in files.lacks(sizes):
        files.put(name, sizes[name], 0, packed.files[name].read_bytes(), TOKEN)
    found = unpack(packed.plan)
    assert (found.device, found.conditions) == ("there", unit.conditions)
    (part,) = found.parts
    sent = part.bundles["rec"]
    bundle = load_bundle(files.bundle(sent))
    here = load_bundle(Path(unit.parts[0].bundles["rec"]))
    assert bundle.manifest == here.manifest
    assert packed.names[sent] == str(here.folder)
    assert replace(part, bundles=unit.parts[0].bundles) == unit.parts[0]
    assert files.bundle(sent) == bundle.folder, "made once"


@pytest.mark.embedded
def test_what_changed_meanwhile(unit: Unit) -> None:
    (part,) = unit.parts
    changed = replace(unit, parts=(replace(part, hashes={"rec": "0" * 64}),))
    with pytest.raises(InputError, match="has changed since the run began"):
        pack(changed, "there")
    with pytest.raises(InputError, match=r"nosuch\.npy: cannot be read"):
        pack(replace(unit, parts=(replace(part, file="/nosuch.npy"),)), "there")
    with pytest.raises(InputError, match="holds no plan"):
        unpack({})
    several = Plan("latency", (unit, unit), unit.conditions)
    with pytest.raises(InputError, match="is not one unit; use the same version on all hosts"):
        unpack(several.to_json())


@pytest.mark.embedded
def test_what_is_too_large(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy_tools.cluster.wire_form.MOST_BYTES", 1000)
    with pytest.raises(InputError, match=r"has \d+ bytes, a worker takes 1000; measure it where it is"):
        pack(unit, "there")
