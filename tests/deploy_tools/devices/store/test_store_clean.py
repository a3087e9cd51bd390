"""Removing what nobody needs: all of it, all but what is kept, never what somebody uses."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deploy_tools.devices.store.cleaning import Cleaned
from deploy_tools.devices.store.host import this_host
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
    assert len(left(home)) == 10 + len(files) + 3 + 1, "and who uses the runner"
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
    record = f"runners/.used/{this_host()}-runner"
    assert left(home) == sorted([f"objects/{large}", record, *(f"runners/{kept}/{name}" for name in files)])


def test_runners_of_other_hosts_stay(device: Wire, home: Path, files: Mapping[str, Path]) -> None:
    """Each host's last one of each kind: those that it had before nobody needs."""
    mine, anna, bert = (DeviceStore(device, None, host=name) for name in ("me", "anna", "bert"))
    before = {"a": files["again"]}
    anna.install("linux-arm64", before, ["a"])
    latest = Path(anna.install("linux-arm64", {**before, "b": files["-rf"]}, ["a"])).name
    python = Path(anna.install("python", before, [])).name
    for store in (mine, bert):
        assert Path(store.install("python", before, [])).name == python
    own = Path(mine.install("linux-arm64", {"c": files["-rf"]}, ["c"])).name
    runners = home / ".ppocr-edge" / "runners"

    def there() -> set[str]:
        return {path.name for path in runners.iterdir() if not path.name.startswith(".")}

    assert len(there()) == 4
    looked = mine.clean(dry_run=True)
    assert (looked.runners, looked.others) == (2, 2)
    assert len(there()) == 4
    done = mine.clean()
    assert (done.runners, done.others) == (2, 2)
    assert there() == {latest, python}
    assert mine.clean([own]).runners == 0
    before_it = device.round_trips
    again = anna.install("linux-arm64", {**before, "b": files["-rf"]}, ["a"])
    assert (Path(again).name, device.round_trips - before_it) == (latest, 1), "nothing was sent"
    assert (Path(again) / "b").read_bytes() == files["-rf"].read_bytes()
    # what bert and anna share is kept for the one as long as for the other
    assert {path.name for path in map(Path, [anna.install("python", before, [])])} == {python}
    assert anna.clean().others == 1
    assert there() == {python}
    assert mine.clean(all_hosts=True).runners == 1
    assert there() == set()
    assert left(home) == []


def test_a_host_without_a_name_of_its_own_is_known_again(store: DeviceStore, home: Path) -> None:
    assert this_host() == this_host()
    assert re.fullmatch(r"[0-9a-f]{16}", this_host())
    source = home / "source"
    source.write_text("x")
    store.install("python", {"a": source}, [])
    (record,) = (home / ".ppocr-edge" / "runners" / ".used").iterdir()
    assert record.name == f"{this_host()}-python"
    assert (home / ".ppocr-edge" / "runners" / record.read_text().strip() / "a").is_file()


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
