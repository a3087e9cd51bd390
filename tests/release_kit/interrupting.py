"""Installing over SSH, interrupted at random points in three ways; and whether what is left is whole."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import DeviceEntry, SshAddress
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.ssh.wire import SshWire
from edge.errors import DeviceError
from tests.devices_kit.cut_proxy import CutProxy, cut_proxy
from tests.devices_kit.sshd import Server, known_openssh
from tests.e2e.command import command, environment
from tests.processes import children
from tests.release_kit.installing import Place, Releases

WAYS = ("link cut", "kill -9 here", "shells killed there")
OLD, NEW = "1.0", "1.1"
_FOLDER = 'it\'s "of" $(x)'
_SHELLS = ("sh", "dash", "bash")
_SURE = 0.9
"""Every installation sends at least this part of the bytes that the first one did; by how the link divides
them their number differs a little."""


@dataclass(frozen=True)
class Ended:
    """What an interruption left.

    Attributes:
        way: Of `WAYS`.
        point: Where: after so many bytes to the device, or seconds.
        hit: The installation did not come to its end.
        version: That was current afterwards, whole.
        left: Names of what was left over, and removed by the next installation.
    """

    way: str
    point: float
    hit: bool
    version: str
    left: tuple[str, ...]


class Interrupted:
    """A device over SSH that has a release, and is to get the next one; made by `interrupted`.

    Args:
        place: The device, over the proxy.
        server: It.
        proxy: The link.
        folder: For files of this host.
    """

    def __init__(self, place: Place, server: Server, proxy: CutProxy, folder: Path) -> None:
        self.place = place
        self._server = server
        self._proxy = proxy
        self._folder = folder
        self._direct = replace(place, open_wire=lambda: HostWire("pi4", place.home))
        self._direct.install(OLD)
        self._saved = folder / "saved"
        shutil.copytree(place.root, self._saved, symlinks=True)
        before, start = proxy.passed, time.monotonic()
        place.install(NEW)
        self._bytes, self._seconds = proxy.passed - before, time.monotonic() - start
        self._inventory = folder / "devices.yml"
        self._inventory.write_text(self._entry())

    def at(self, way: str, dice: random.Random) -> Ended:
        """Interrupt it at a random point; then it must be whole, go on to its end, and go back.

        Raises:
            AssertionError: It is not, or does not.
        """
        self._reset()
        point, hit = {
            "link cut": self._cut,
            "kill -9 here": self._kill_here,
            "shells killed there": self._kill_there,
        }[way](dice)
        version = self.place.version()
        assert version in (OLD, NEW)
        left = tuple(self.place.left())
        assert self.place.install(NEW).version == self.place.version() == NEW
        assert self.place.left() == []
        assert self.place.roll_back().version == self.place.version() == OLD
        return Ended(way, point, hit, version, left)

    def _reset(self) -> None:
        shutil.rmtree(self.place.root)
        shutil.copytree(self._saved, self.place.root, symlinks=True)

    def _cut(self, dice: random.Random) -> tuple[float, bool]:
        point = dice.randrange(self._bytes)
        self._proxy.cut_after(point)
        hit = self._fails()
        self._proxy.cut_after(None)
        return point, hit

    def _kill_there(self, dice: random.Random) -> tuple[float, bool]:
        # by time, as most bytes are of the files: on a host that changes its pace it may come too late
        point = dice.uniform(0, 0.8 * self._seconds)
        ended = threading.Event()

        def kill() -> None:
            # between two commands nothing runs but what holds the lock
            while not ended.wait(0 if time.monotonic() > start + point else 0.02):
                if time.monotonic() > start + point and self._kill_shells():
                    return

        start = time.monotonic()
        thread = threading.Thread(target=kill)
        thread.start()
        hit = self._fails()
        ended.set()
        thread.join()
        return point, hit

    def _kill_here(self, dice: random.Random) -> tuple[float, bool]:
        point = dice.randrange(int(_SURE * self._bytes))
        held, ended = self._proxy.hold_after(point), threading.Event()
        process = self._start()
        watcher = threading.Thread(target=lambda: (process.wait(), ended.set()))
        watcher.start()
        _any_of(held, ended)
        process.kill()
        watcher.join()
        self._proxy.let_go()
        return point, process.returncode == -signal.SIGKILL

    def _fails(self) -> bool:
        try:
            self.place.install(NEW)
        except DeviceError:
            return True
        return False

    def _kill_shells(self) -> int:
        """How many there were."""
        killed = 0
        left = list(self._server.connections())
        while left:
            pid = left.pop()
            with contextlib.suppress(OSError):
                left += children(pid)
                if Path(f"/proc/{pid}/comm").read_text().strip() in _SHELLS:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
        return killed

    def _start(self) -> subprocess.Popen[bytes]:
        words = (
            *("install", self.place.releases.path(NEW), "--device", "pi4", "--no-selftest"),
            *("--inventory", self._inventory, "--key", self.place.releases.key_line),
        )
        return subprocess.Popen(
            command(*words),
            env=environment(),
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _entry(self) -> str:
        address = self.place.entry.address
        assert isinstance(address, SshAddress)
        ssh = {name: str(getattr(address, name)) for name in ("host", "user", "identity")}
        device = {"ssh": {**ssh, "port": address.port}, "folder": _FOLDER}
        return json.dumps({"inventory": 1, "devices": {"pi4": device}})


def _any_of(*events: threading.Event) -> None:
    """Wait until one of them is set."""
    while not any(event.wait(0.01) for event in events):
        pass


@contextlib.contextmanager
def interrupted(releases: Releases, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Interrupted]:
    """A device over SSH, through a link that can be cut.

    Args:
        releases: That it gets.
        folder: For its files, and ours.
        patch: Of the test: ``HOME`` is another one.
    """
    with known_openssh(folder, patch) as (server, client), cut_proxy(server.port) as proxy:
        with client.known_hosts.open("a") as stream:
            stream.write(f"[127.0.0.1]:{proxy.port} {server.host_key_line}\n")
        address = replace(server.address(client), port=proxy.port)
        entry = DeviceEntry("pi4", address, folder=_FOLDER)
        root = server.home / _FOLDER
        place = Place(releases, server.home, lambda: SshWire("pi4", address), entry, root)
        yield Interrupted(place, server, proxy, folder)
