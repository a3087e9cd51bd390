"""Folders of files under their own names: all of a set or none, runnable, made once."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Finished, Wire
from edge.errors import DeviceError
from tests.deploy_tools.devices.store.wires import Around

PROGRAM = "bin/the 'run' $(touch pwned)\n"


@pytest.fixture
def runner(files: Mapping[str, Path], tmp_path: Path) -> Mapping[str, Path]:
    """A program and what it needs."""
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\ncat "${0%/*}/../beside"\n')
    beside = tmp_path / "beside"
    beside.write_text("found what lies beside it")
    return {**files, PROGRAM: program, "beside": beside}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_set_is_made_once_and_runs(device: Wire, home: Path, runner: Mapping[str, Path]) -> None:
    store = DeviceStore(device, None)
    folder = store.install("native runner/arm64", runner, [PROGRAM])
    assert content(Path(folder)) == {name: path.read_bytes() for name, path in runner.items()}
    assert Path(folder).parent == home / ".ppocr-edge" / "runners"
    assert Path(folder).name.startswith("native-runner-arm64-")
    ran = subprocess.run([f"{folder}/{PROGRAM}"], capture_output=True, text=True)
    assert ran.stdout == "found what lies beside it"
    before = device.round_trips
    assert store.install("native runner/arm64", runner, [PROGRAM]) == folder
    assert device.round_trips == before + 1
    assert {path.name for path in Path(folder).parent.iterdir()} == {Path(folder).name, ".used"}
    assert not list(home.parent.rglob("pwned"))


def test_other_content_is_another_set(store: DeviceStore, runner: Mapping[str, Path], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("other")
    folders = {
        store.install("runner", runner, [PROGRAM]),
        store.install("runner", runner, [PROGRAM, "beside"]),
        store.install("runner", {**runner, "beside": other}, [PROGRAM]),
        store.install("runner", {"beside": other}, []),
        store.install("python", {"beside": other}, []),
    }
    assert len(folders) == 5


def test_a_set_of_which_files_are_gone_is_made_anew(
    store: DeviceStore, runner: Mapping[str, Path], home: Path
) -> None:
    folder = Path(store.install("runner", runner, [PROGRAM]))
    (folder / "beside").unlink()
    assert store.install("runner", runner, [PROGRAM]) == str(folder)
    assert content(folder) == {name: path.read_bytes() for name, path in runner.items()}
    (folder / PROGRAM).chmod(0o644)
    store.install("runner", runner, [PROGRAM])
    assert (folder / PROGRAM).stat().st_mode & 0o100
    shutil.rmtree(home / ".ppocr-edge" / "objects")
    assert store.install("runner", runner, [PROGRAM]) == str(folder)


def test_where_links_cannot_be_made_files_are_copied(
    make_device: Callable[[str], Wire], runner: Mapping[str, Path]
) -> None:
    device = make_device("bare")
    folder = Path(DeviceStore(device, None).install("runner", runner, [PROGRAM]))
    assert (folder / "-rf").stat().st_nlink == 1
    assert content(folder) == {name: path.read_bytes() for name, path in runner.items()}


class Breaking(Around):
    """A link that breaks before the nth command."""

    def __init__(self, wire: Wire, at: int) -> None:
        super().__init__(wire)
        self.at = at

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
        self.at -= 1
        if self.at < 0:
            raise DeviceError(self.name, "the link broke", "try again")
        return super().run(command, stdin=stdin, seconds=seconds)


def test_a_link_that_breaks_leaves_no_half_made_set(
    host: HostWire, home: Path, runner: Mapping[str, Path]
) -> None:
    runners = home / ".ppocr-edge" / "runners"
    for at in range(4):
        with pytest.raises(DeviceError, match="the link broke"):
            DeviceStore(Breaking(host, at), None).install("runner", runner, [PROGRAM])
        assert at == 0 or not [path for path in runners.iterdir() if not path.name.startswith(".new-")]
    folder = Path(DeviceStore(Breaking(host, 4), None).install("runner", runner, [PROGRAM]))
    assert content(folder) == {name: path.read_bytes() for name, path in runner.items()}


def test_two_that_install_the_same_at_once(home: Path, runner: Mapping[str, Path]) -> None:
    made: list[object] = []

    def install() -> None:
        try:
            made.append(DeviceStore(HostWire("pi4", home), None).install("runner", runner, [PROGRAM]))
        except DeviceError as error:
            made.append(error)

    threads = [threading.Thread(target=install) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    folder = Path(str(made[0]))
    assert content(folder) == {name: path.read_bytes() for name, path in runner.items()}
    assert set(folder.parent.iterdir()) == {folder, folder.parent / ".used"}


def test_a_set_of_many_files(store: DeviceStore, host: HostWire, tmp_path: Path) -> None:
    files = {}
    for number in range(130):
        path = tmp_path / f"{number}.py"
        path.write_text(f"number = {number}\n")
        files[f"edge/part{number % 7}/{number}.py"] = path
    folder = Path(store.install("python", files, []))
    assert content(folder) == {name: path.read_bytes() for name, path in files.items()}
    # look, send as one, check 100 and 30, link 60, 60 and 10, finish
    assert host.round_trips == 8


def test_where_programs_cannot_be_run(mounted: Callable[[str], Path], runner: Mapping[str, Path]) -> None:
    folder = mounted("size=9m,noexec")
    store = DeviceStore(HostWire("pi4", folder), None)
    with pytest.raises(
        DeviceError, match=r"no program be run \(noexec\); give the device a folder on another"
    ):
        store.install("runner", runner, [PROGRAM])
    assert list((folder / ".ppocr-edge" / "runners").iterdir()) == []


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", "", ".", "a//b", "a/", "a\0b"])
def test_names_that_lead_elsewhere(store: DeviceStore, runner: Mapping[str, Path], name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a file"):
        store.install("runner", {name: runner["beside"]}, [])


def test_a_name_that_is_also_a_folder(store: DeviceStore, runner: Mapping[str, Path]) -> None:
    with pytest.raises(ValueError, match="not the name of a file"):
        store.install("runner", {"a": runner["beside"], "a/b": runner["beside"]}, [])
