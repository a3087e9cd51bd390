"""The store's shell scripts: every shell reads them, shellcheck finds nothing, all answers are read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from deploy_tools.devices.store import checking, cleaning, installing, lock_script, sending, status
from deploy_tools.devices.store.asking import MARK
from deploy_tools.devices.store.status import read_status
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Exit, Finished
from edge.errors import DeviceError
from tests.deploy_tools.devices.store.wires import Around
from tests.devices_kit.shell_scripts import CHECKS, Check

MODULES = (checking, cleaning, installing, lock_script, sending, status)
SCRIPTS = {
    f"{module.__name__.rpartition('.')[2]} {name}": text
    for module in MODULES
    for name, text in vars(module).items()
    if isinstance(text, str) and MARK.decode().strip() in text and name != "__doc__"
}


def test_all_scripts_are_looked_at() -> None:
    assert {"lock_script HOLD", "lock_script BREAK", "status _STATUS", "checking _ACCEPT"} <= set(SCRIPTS)
    assert len(SCRIPTS) >= 10


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_every_shell_reads_it(name: str, check: Check) -> None:
    check(SCRIPTS[name])


class Answering(Around):
    """A device whose answer is given."""

    answer = b""

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
        return Finished(Exit(0), self.answer, b"")


A, B = "a" * 64, "b" * 64
LISTINGS = {
    "coreutils": (
        f"-rw-r--r-- 1 0 0 1234 Nov 26 01:02 {A}",
        f"-rw-r--r--. 2 1000 1000 5 Jan  1  1970 {B}.part",
    ),
    "busybox": (
        f"-rw-r--r--    1 1000     1000      1234 Nov 26 01:02 {A}",
        f"-rw------- 1 0 0 5 Jan 1 1970 {B}.part",
    ),
    "toybox": (
        f"-rw-r--r-- 1 0 0 1234 2026-11-26 01:02 {A}",
        f"-rw-r--r-- 1 0 0 5 1970-01-01 00:00 {B}.part",
    ),
    "toolbox": (
        f"-rw-rw-rw- 2000 2000  1234 2015-11-26 01:02 {A}",
        f"-rw------- 0 0 5 1970-01-01 00:00 {B}.part",
    ),
}
ROOMS = {
    "posix": ("/dev/root 30000 10000 20000 34% /", 20_480_000),
    "spaces": ("a b c 1 2 3 4 5000 100 4900 3% /data/a b", 5_017_600),
    "two lines": ("/dev/a-long-name\n   500 400 100 80% /", 102_400),
    "more than all": ("/dev/x 500 600 -100 120% /", 0),
    "toolbox": ("/data                   12.0G     3.5G     8.5G   4096", 17 * 2**29),
    "not there": ("df: not found", None),
}


@pytest.mark.parametrize("kind", LISTINGS)
def test_every_listing_is_read(host: HostWire, kind: str) -> None:
    wire = Answering(host)
    lines = "\n".join(LISTINGS[kind])
    wire.answer = (
        MARK + f"none\ntar\ntotal 8\n{lines}\ndrwx------ 2 0 0 4096 Nov 26 01:02 x\n--\n--\n/r\n--".encode()
    )
    found = read_status(wire, "")
    assert (found.objects, found.parts, found.root) == ({A: 1234}, {B: 5}, "/r")


@pytest.mark.parametrize("room", ROOMS)
def test_every_df_is_read(host: HostWire, room: str) -> None:
    line, free = ROOMS[room]
    wire = Answering(host)
    wire.answer = b"motd\n" + MARK + f"none\nno-tar\ntotal 0\n--\nFilesystem\n{line}\n--\n/r\n--".encode()
    assert read_status(wire, "").free_bytes == free


@pytest.mark.parametrize("answer", [b"", b"\n", b"none\n--\n--\nrelative\n--", b"garbage " * 100])
def test_an_answer_that_is_none_is_told_of(host: HostWire, answer: bytes) -> None:
    wire = Answering(host)
    wire.answer = MARK + answer
    with pytest.raises(DeviceError, match="its shell answered something else than was asked"):
        read_status(wire, "")
