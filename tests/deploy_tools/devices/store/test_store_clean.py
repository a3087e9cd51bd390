"""Removing what nobody needs: all of it, all but what is kept, never what somebody uses."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deploy_tools.devices.store.cleaning import Cleaned
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire
from edge.errors import DeviceError
from edge.hashing import sha256_of


def left(home: Path) -> list[str]:
    folder = home / ".ppocr-edge"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_everything_goes(device: Wire, home: Path, files: Mapping[str, Path]) -> None:
    store = DeviceStore(device, None)
    store.install("runner", files, ["-rf"])
    root = Path(store.root())
    (root / "objects" / f"{'0' * 64}.part").write_bytes(b"x" * 5000)
    for run in ("a b\n'c'", ".hidden", "-rf"):
        (root / "run" / run).mkdir()
        (root / "run" / run / "out").write_text("left by a run")
    (root / "runners" / ".new-0").mkdir()
    would = store.clean(dry_run=True)
    size = sum(path.stat().st_size for path in set(files.values()))
    assert would == Cleaned(9, 1, 2, 3, size + 5000)
    assert len(left(home)) == 10 + len(files) + 3
    done = store.clean()
    assert (done.objects, done.parts, done.runners, done.runs) == (9, 1, 2, 3)
    assert left(home) == []
    assert store.clean() == Cleaned(0, 0, 0, 0, 0)


def test_freed_room_is_what_the_device_has_more(store: DeviceStore, files: Mapping[str, Path]) -> None:
    store.install("runner", files, ["-rf"])
    # links to one file count once
    assert 1_640_000 < store.clean().freed_bytes < 1_800_000


def test_what_is_kept_stays(store: DeviceStore, home: Path, files: Mapping[str, Path]) -> None:
    kept = Path(store.install("runner", files, ["-rf"])).name
    store.install("other", {"again": files["again"]}, [])
    large = sha256_of(files["-rf"])
    done = store.clean([large, kept])
    assert (done.objects, done.runners) == (8, 1)
    assert left(home) == sorted([f"objects/{large}", *(f"runners/{kept}/{name}" for name in files)])


def test_what_somebody_uses_stays(
    store: DeviceStore, host: HostWire, home: Path, files: Mapping[str, Path]
) -> None:
    store.push(files)
    with DeviceStore(host, None).lock("anna"):
        with pytest.raises(
            DeviceError, match=r"pi4: is in use by anna on .*; wait for them, or take it away"
        ):
            store.clean()
        assert len(left(home)) > 9
        # to look does no harm
        assert store.clean(dry_run=True).objects == 9


def test_one_who_holds_the_lock_may_clean(store: DeviceStore, files: Mapping[str, Path]) -> None:
    with store.lock("anna"):
        store.push(files)
        assert store.clean().objects == 9
        assert store.holder() is not None
    assert store.holder() is None


def test_what_crashed_processes_left_goes(store: DeviceStore, home: Path) -> None:
    root = Path(store.root())
    gone = subprocess.Popen(["true"])
    gone.wait()
    with subprocess.Popen(["sleep", "60"]) as living:
        for name, pid in (("new.1", gone.pid), ("gate.2", living.pid), ("gone.3", living.pid)):
            (root / name).mkdir()
            (root / name / "process").write_text(f"{pid} 1 - 1 here\n")
        (root / "new.4").mkdir()
        store.clean()
        assert sorted(path.name for path in root.iterdir()) == ["gate.2", "objects", "run", "runners"]
        living.kill()


def test_a_full_device_can_be_cleaned(mounted: Callable[[str], Path], files: Mapping[str, Path]) -> None:
    folder = mounted("size=4m,nr_inodes=40")
    store = DeviceStore(HostWire("pi4", folder), None)
    store.push(files)
    number = 0
    with contextlib.suppress(OSError):
        for number in range(40):
            (folder / str(number)).touch()
    assert number < 39
    held = contextlib.ExitStack()
    with pytest.raises(
        DeviceError, match="No space left on device; free space there: ppocr-edge devices clean"
    ):
        held.enter_context(store.lock("anna"))
    assert store.clean().objects == 9
    with store.lock("anna"):
        assert left(folder) != []
