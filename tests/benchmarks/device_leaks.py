"""Hundreds of runs in a row on one device, over SSH and over adb: what is left of them on both sides.

A run locks the device, looks at its files, starts the runner, computes, ends the runner and lets the device
go; the connection is made anew after every `CONNECTED` runs. Both sides are looked at twice with a connection
open, after the first `CONNECTED` runs (so that caches are filled) and after all, and twice without one: after
a run before these, and at the end. Nothing may be more the second time.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry, SshAddress
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.open import open_wire
from edge.bundle.bundle import Bundle
from edge.folders import home_folder
from tests.benchmarks.material import Material, Row, show
from tests.devices_kit import sshd
from tests.devices_kit.adbd import device as adbd
from tests.devices_kit.adbd.server import AdbServer
from tests.processes import children, rss_mb

RUNS: Final = 300
CONNECTED: Final = 50
MEMORY_MB: Final = 4.0
"""Memory that may have come: a leak of 20 KB a run is more, after 250 runs."""
_SETTLING: Final = 10.0
_LISTENING, _WAITING = "0A", "06"  # states of sockets that are no connection, or one no more


@dataclass(frozen=True)
class Side:
    """What one side holds.

    Attributes:
        processes: That run.
        threads: Of these.
        descriptors: Likewise: files, pipes and sockets.
        connections: Ends of connections between the two sides.
        files: Below its folders, the one for temporary files included.
        memory_mb: Resident, in MB (10**6 bytes).
    """

    processes: int
    threads: int
    descriptors: int
    connections: int
    files: int
    memory_mb: float

    def holds_no_more_than(self, other: Side) -> bool:
        """Whether nothing that can be counted is more; memory is not looked at."""
        return all(mine <= theirs for mine, theirs in zip(self.counts(), other.counts(), strict=True))

    def counts(self) -> tuple[int, ...]:
        """All but memory."""
        return self.processes, self.threads, self.descriptors, self.connections, self.files


@dataclass(frozen=True)
class Place:
    """A device, and what is to be looked at.

    Attributes:
        address: What leads to it.
        processes_here: Those of this side, this one included.
        processes_there: Those of the device.
        folder_here: For temporary files of this side.
        folder_there: The device's files.
        port: Where it is reached on 127.0.0.1.
    """

    address: SshAddress | AdbAddress
    processes_here: Callable[[], set[int]]
    processes_there: Callable[[], set[int]]
    folder_here: Path
    folder_there: Path
    port: int


def measure(material: Material) -> bool:
    """Figure 7 of the devices."""
    runs = material.runs or RUNS
    good = True
    for label, missing, way in (("SSH", sshd.missing, _ssh), ("adb", adbd.missing, _adb)):
        title = (
            f"7. {runs} runs in a row over {label}: after {_first(runs)} and all, and closed before and after"
        )
        if reason := missing():
            good &= show(title, [Row("skipped", reason)])
            continue
        with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            folder = Path(name)
            (folder / "temporary").mkdir()
            patch.setenv("PPOCR_EDGE_HOME", str(home_folder()))  # HOME changes below
            with way(folder, patch) as place:
                patch.setenv("TMPDIR", str(place.folder_here))
                patch.setattr(tempfile, "tempdir", None)
                rows = _rows(place, material.bundles["cls"], runs)
        good &= show(title, rows)
    return good


def _first(runs: int) -> int:
    return min(CONNECTED, -(-runs // 2))


def _rows(place: Place, bundle: Bundle, runs: int) -> list[Row]:
    tensor = bundle.golden()[0]
    entry = DeviceEntry("board", place.address, python=sys.executable)
    wire = open_wire(entry)
    device = RemoteDevice(entry, wire, DeviceStore(wire, None))

    def run() -> None:
        with contextlib.closing(device.open(bundle)) as predictor:
            predictor.run([tensor])

    run()  # sends what the device lacks, and has all loaded here
    device.close()
    idle = _settled(place)
    start = time.perf_counter()
    for number in range(1, runs + 1):
        if number % CONNECTED == 1:
            device.close()
        run()
        if number == _first(runs):
            before = _settled(place)
    seconds = time.perf_counter() - start
    after = _settled(place, before)
    device.close()
    closed = _settled(place, idle)
    rows = [Row("seconds a run", f"{seconds / runs:.2f}")]
    for side, name in enumerate(("here", "there")):
        rows += _compared(name, (before[side], after[side]), (idle[side], closed[side]))
    return rows


def _compared(name: str, opened: tuple[Side, Side], closed: tuple[Side, Side]) -> Iterator[Row]:
    for field in fields(Side):
        was, now = (getattr(side, field.name) for side in opened)
        first, last = (getattr(side, field.name) for side in closed)
        if field.name == "memory_mb":
            shown = f"{was:.1f} -> {now:.1f}, closed {first:.1f} -> {last:.1f}"
            yield Row(f"{name}: MB, at most {MEMORY_MB:g} more", shown, now - was <= MEMORY_MB)
            continue
        shown = f"{was} -> {now}, closed {first} -> {last}"
        yield Row(f"{name}: {field.name}", shown, now <= was and last <= first)


def _settled(place: Place, other: tuple[Side, Side] | None = None) -> tuple[Side, Side]:
    """Both sides, once what just ended is gone: when they hold no more than before, or do not change."""
    end = time.monotonic() + _SETTLING
    found = _look(place)
    while time.monotonic() < end:
        time.sleep(0.5)
        last, found = found, _look(place)
        if other is not None and all(map(Side.holds_no_more_than, found, other)):
            break
        if other is None and [side.counts() for side in found] == [side.counts() for side in last]:
            break
    return found


def _look(place: Place) -> tuple[Side, Side]:
    gc.collect()
    ends = _ends(place.port)
    return (
        _side(place.processes_here(), ends[0], place.folder_here),
        _side(place.processes_there(), ends[1], place.folder_there),
    )


def _side(processes: set[int], connections: int, folder: Path) -> Side:
    threads = descriptors = 0
    memory = 0.0
    for pid in processes:
        with contextlib.suppress(OSError):  # it just ended
            threads += len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208
            descriptors += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
            memory += rss_mb(pid)
    files = sum(len(names) for _, _, names in os.walk(folder))
    return Side(len(processes), threads, descriptors, connections, files, memory)


def _ends(port: int) -> tuple[int, int]:
    """Ends of connections to a port of this machine: of those who connected, and of who was connected to."""
    here = there = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_ = line.split()
        if state not in (_LISTENING, _WAITING):
            here += int(remote.partition(":")[2], 16) == port
            there += int(local.partition(":")[2], 16) == port
    return here, there


def _descendants(pid: int, others: set[int]) -> set[int]:
    """A process and all below it; not those of the device, which is started from here, and what is below."""
    found = {pid}
    new = [pid]
    while new:
        below = children(new.pop()) - found - others
        found |= below
        new += below
    return found


@contextlib.contextmanager
def _ssh(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Place]:
    with sshd.known_openssh(folder / "sshd", patch) as (server, client):
        home = f"HOME={server.home}".encode()
        yield Place(
            server.address(client),
            lambda: _descendants(os.getpid(), server.processes()),
            lambda: server.processes() | _with_environment(home),
            folder / "temporary",
            server.folder,
            server.port,
        )


@contextlib.contextmanager
def _adb(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Place]:
    server = AdbServer(folder / "adb", patch)
    try:
        with adbd.AdbDevice(folder / "phone", home=adbd.TMP) as phone:

            def here() -> set[int]:
                pid = server.pid()
                return _descendants(os.getpid(), phone.everything()) | ({pid} if pid is not None else set())

            yield Place(
                AdbAddress(phone.serial), here, phone.everything, folder / "temporary", phone.tmp, phone.port
            )
    finally:
        server.kill()


def _with_environment(value: bytes) -> set[int]:
    """Processes with a variable of their environment."""
    found = set()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and value in (entry / "environ").read_bytes().split(b"\0"):
                found.add(int(entry.name))
    return found
