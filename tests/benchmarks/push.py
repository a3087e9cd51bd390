"""Pushing a bundle of 11 MB, the first time and again, against ``scp`` and ``adb push`` in the same run.

The device is this host: OpenSSH's sshd, and the tests' own adb daemon with the real client and server. To adb
loopback is as fast as copying memory, so that computing hashes is most of the time, and starting a shell
takes as long as sending megabytes; so the targets are for a link as fast as a USB 2.0 cable.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.adb import AdbWire
from deploy_tools.devices.wire.ssh.wire import SshWire
from deploy_tools.devices.wire.wire import Wire
from tests.benchmarks.material import Material, Row, show
from tests.benchmarks.slow_link import USB_2, slow_link
from tests.devices_kit.adbd import device as adb_kit
from tests.devices_kit.adbd.server import AdbServer
from tests.devices_kit.sshd import Client, missing, openssh

ROUNDS = 5
MOST_TRIPS = 2
FIRST = 1.3  # so many times as long as the other tool, at most


@dataclass(frozen=True)
class Place:
    """A device, and the tool to compare with.

    Attributes:
        label: What leads there.
        open: Opens a wire.
        tool: Name of the tool.
        copy: Copies a folder into one of the device by it.
        connects: The tool connects anew, so what it is compared with does too.
        faster: So many times as fast a push of what is there must be; None where times are only shown.
    """

    label: str
    open: Callable[[], Wire]
    tool: str
    copy: Callable[[Path, str], None]
    connects: bool
    faster: float | None


def measure(material: Material) -> bool:
    """Push the recognizer's bundle, in turn with the other tool; medians."""
    bundle = material.bundles["rec"].folder
    files = {str(path.relative_to(bundle)): path for path in bundle.rglob("*") if path.is_file()}
    size = sum(path.stat().st_size for path in files.values())
    rows = [Row("files, MB", f"{len(files)}, {size / 1e6:.1f}")]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for open_places in (_ssh, _adb):
            with open_places(Path(folder), patch) as places:
                for place in places:
                    rows += _rows(place, bundle, files)
    return show(f"2., 3. pushes, medians of {ROUNDS}", rows)


def _rows(place: Place, bundle: Path, files: Mapping[str, Path]) -> list[Row]:
    seconds: dict[str, list[float]] = {"copy": [], "first": [], "connected": [], "again": [], "anew": []}
    trips = 0
    with tempfile.TemporaryDirectory() as there:
        for number in range(ROUNDS):
            root = f"{there}/{number}"
            (Path(there) / "copies").mkdir()
            seconds["copy"].append(_time(lambda: place.copy(bundle, f"{there}/copies")))
            shutil.rmtree(f"{there}/copies")
            with contextlib.closing(place.open()) as wire:
                store = DeviceStore(wire, root)
                seconds["first"].append(_time(lambda: store.push(files)))  # noqa: B023
                before = wire.round_trips
                seconds["again"].append(_time(lambda: store.push(files)))  # noqa: B023
                trips = max(trips, wire.round_trips - before)
                shutil.rmtree(root)
                seconds["connected"].append(_time(lambda: store.push(files)))  # noqa: B023
            with contextlib.closing(place.open()) as wire:
                seconds["anew"].append(_time(lambda: DeviceStore(wire, root).push(files)))  # noqa: B023
    half = {name: statistics.median(values) for name, values in seconds.items()}
    wanted = place.faster is not None
    first = half["first" if place.connects else "connected"] / half["copy"]
    compared = "first" if place.connects else "second"
    again = half["copy"] / half["again"]
    return [
        Row(f"{place.label}: {place.tool} of the folder, ms", _ms(seconds["copy"])),
        Row("  first push and connecting, ms", _ms(seconds["first"])),
        Row("  first push over the open connection, ms", _ms(seconds["connected"])),
        Row(
            f"  {compared} of these against {place.tool}{_target('most', FIRST, wanted)}",
            f"{first:.2f}",
            not wanted or first <= FIRST,
        ),
        Row("  push again, ms", _ms(seconds["again"])),
        Row(
            f"  times as fast as {place.tool}{_target('least', place.faster, wanted)}",
            f"{again:.1f}",
            again >= (place.faster or 0),
        ),
        Row(f"  round trips (at most {MOST_TRIPS})", str(trips), trips <= MOST_TRIPS),
        Row("  push again and connecting, ms", _ms(seconds["anew"])),
    ]


def _target(bound: str, value: float | None, wanted: bool) -> str:
    return f" (at {bound} {value:g})" if wanted else ""


def _ms(seconds: list[float]) -> str:
    values = ", ".join(f"{1000 * value:.0f}" for value in sorted(seconds))
    return f"{1000 * statistics.median(seconds):.0f} ({values})"


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextlib.contextmanager
def _ssh(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[list[Place]]:
    if missing() is not None or shutil.which("scp") is None:
        yield []
        return
    with openssh(folder / "sshd") as server:
        client = Client(folder / "client")
        client.knows(server)
        server.admits(client)
        patch.setenv("HOME", str(client.home))
        address = server.address(client)
        options = [
            *("-q", "-r", "-P", str(server.port), "-i", str(client.key)),
            *("-o", f"UserKnownHostsFile={client.known_hosts}", "-o", "BatchMode=yes"),
        ]

        def copy(source: Path, target: str) -> None:
            command = ["scp", *options, str(source), f"{address.user}@127.0.0.1:{target}"]
            subprocess.run(command, check=True)

        yield [Place("SSH", lambda: SshWire("bench", address), "scp", copy, True, 10)]


@contextlib.contextmanager
def _adb(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[list[Place]]:
    if adb_kit.missing() is not None:
        yield []
        return
    (folder / "adb").mkdir()
    server = AdbServer(folder / "adb", patch)
    try:
        with adb_kit.AdbDevice(folder / "phone") as phone, slow_link(phone.port, USB_2) as port:
            serials = {"adb, loopback": phone.serial, "adb, a link as USB 2.0": f"127.0.0.1:{port}"}
            yield [_phone(label, serial, 5 if "USB" in label else None) for label, serial in serials.items()]
    finally:
        server.kill()


def _phone(label: str, serial: str, faster: float | None) -> Place:
    subprocess.run(["adb", "connect", serial], check=True, stdout=subprocess.DEVNULL)

    def copy(source: Path, target: str) -> None:
        for path in source.rglob("*"):  # the tests' daemon leaves making folders to others
            (Path(target) / path.relative_to(source.parent)).parent.mkdir(parents=True, exist_ok=True)
        command = ["adb", "-s", serial, "push", str(source), target]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return Place(label, lambda: AdbWire("bench", AdbAddress(serial)), "adb push", copy, False, faster)
