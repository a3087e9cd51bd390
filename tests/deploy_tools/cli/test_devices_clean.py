"""``ppocr-edge devices clean`` and ``unlock`` on this host as a device."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy_tools.cli.devices import devices
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from edge.bundle.bundle import Bundle

INVENTORY = """\
inventory: 1
devices:
  "bo'ard 文":
    this_host: true
    folder: {folder}
  broken:
    this_host: true
    folder: /dev/null/store
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept $(x)"


@pytest.fixture
def store(folder: Path) -> DeviceStore:
    return DeviceStore(HostWire("board"), str(folder))


@pytest.fixture
def inventory(tmp_path: Path, folder: Path) -> Path:
    path = tmp_path / "devices.yml"
    path.write_text(INVENTORY.format(folder=json.dumps(str(folder))), encoding="utf-8")
    return path


def run(inventory: Path, *words: object) -> Result:
    command = [str(word) for word in words]
    result = CliRunner().invoke(
        devices, [command[0], "--inventory", str(inventory), *command[1:]], standalone_mode=False
    )
    assert result.exception is None, result.exception
    return result


def model(tmp_path: Path, size: int) -> Path:
    path = tmp_path / f"{size}.nb"
    path.write_bytes(b"m" * size)
    return path


def test_all_is_removed_and_told_of(
    store: DeviceStore, inventory: Path, folder: Path, tmp_path: Path
) -> None:
    store.install("runner", {"a": model(tmp_path, 400_000), "b": model(tmp_path, 5)}, ["a"])
    told = run(inventory, "clean", "bo'ard 文", "--dry-run")
    assert told.return_value == 0
    # how much that is, is the file system's to say
    assert re.fullmatch(r"bo'ard 文: would remove 2 files, 1 runner \(0\.4\d MB\)\n", told.stdout)
    assert len(list((folder / "objects").iterdir())) == 2
    done = run(inventory, "clean", "bo'ard 文")
    assert done.return_value == 0
    assert re.fullmatch(r"bo'ard 文: removed 2 files, 1 runner, 0\.4\d MB are free again\n", done.stdout)
    assert not list((folder / "objects").iterdir())
    assert run(inventory, "clean", "bo'ard 文").stdout == "bo'ard 文: there is nothing to remove\n"


def test_runners_of_other_hosts_stay_unless_asked_for(
    store: DeviceStore, inventory: Path, folder: Path, tmp_path: Path
) -> None:
    other = DeviceStore(HostWire("board"), str(folder), host="another")
    other.install("runner", {"a": model(tmp_path, 400_000)}, ["a"])
    done = run(inventory, "clean", "bo'ard 文")
    assert done.stdout == ("bo'ard 文: removed 1 file; 1 runner of other hosts stays (--all-hosts)\n")
    assert run(inventory, "clean", "bo'ard 文").stdout == (
        "bo'ard 文: there is nothing to remove; 1 runner of other hosts stays (--all-hosts)\n"
    )
    (row,) = json.loads(run(inventory, "clean", "bo'ard 文", "--json", "--dry-run").stdout)
    assert (row["runners"], row["others"]) == (0, 1)
    done = run(inventory, "clean", "bo'ard 文", "--all-hosts")
    assert re.fullmatch(r"bo'ard 文: removed 1 runner, 0\.4\d MB are free again\n", done.stdout)


@pytest.mark.embedded
def test_the_files_of_a_bundle_stay(
    store: DeviceStore, inventory: Path, default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    bundle = default_bundles["cls"]
    there = store.push({"model": bundle.model_path, "other": model(tmp_path, 7)})
    assert "removed 1 file," in run(inventory, "clean", "bo'ard 文", "--keep", bundle.folder).stdout
    assert Path(there["model"]).read_bytes() == bundle.model_path.read_bytes()


def test_a_broken_device_does_not_hide_the_others(
    store: DeviceStore, inventory: Path, tmp_path: Path
) -> None:
    store.push({"model": model(tmp_path, 1000)})
    done = run(inventory, "clean", "broken,bo'ard 文", "--json")
    assert done.return_value == 2
    broken, good = json.loads(done.stdout)
    assert (broken["name"], broken["ok"]) == ("broken", False)
    assert "let the user write there, or give the device another folder" in broken["error"]
    assert done.stderr == f"ppocr-edge: {broken['error']}\n"
    assert {key: good[key] for key in ("name", "ok", "removed", "objects", "parts", "runners", "runs")} == {
        "name": "bo'ard 文",
        "ok": True,
        "removed": True,
        "objects": 1,
        "parts": 0,
        "runners": 0,
        "runs": 0,
    }


def test_what_somebody_uses_is_left_until_the_lock_is_taken_away(
    store: DeviceStore, inventory: Path, folder: Path, tmp_path: Path
) -> None:
    store.push({"model": model(tmp_path, 1000)})
    assert run(inventory, "unlock", "bo'ard 文").stdout == "bo'ard 文: nobody holds its lock\n"
    with store.lock("anna\x1b[2J"):
        refused = run(inventory, "clean", "bo'ard 文")
        assert refused.return_value == 2
        assert "is in use by anna\\x1b[2J on" in refused.stderr
        assert "ppocr-edge devices unlock" in refused.stderr
        assert len(list((folder / "objects").iterdir())) == 1
        taken = run(inventory, "unlock", "bo'ard 文").stdout
        assert taken.startswith("bo'ard 文: the lock was taken away from anna\\x1b[2J on ")
        assert run(inventory, "clean", "bo'ard 文").return_value == 0


def test_a_lock_that_was_left(store: DeviceStore, inventory: Path, folder: Path) -> None:
    with store.lock("anna"):
        process = folder / "lock" / "process"
        process.write_text(process.read_text().replace(" ", " 1", 1))
        told = run(inventory, "unlock", "bo'ard 文").stdout
    assert told.startswith("bo'ard 文: removed a lock that was left by anna on ")
