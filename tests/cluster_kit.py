"""A cluster on this host: a scheduler and workers as processes, with devices whose runners sleep."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.devices_kit.made_runner import started, write_inventory, write_made_python
from tests.e2e.command import command
from tests.processes import wait_until

PATIENCE = 240
"""Seconds a process may take to start where the host is busy."""


@dataclass
class Member:
    """A process of the cluster.

    Attributes:
        process: It.
        log: What it writes to standard error.
    """

    process: subprocess.Popen[bytes]
    log: Path

    def says(self, pattern: str) -> re.Match[str]:
        """Wait until it wrote something."""

        def look() -> re.Match[str] | None:
            return re.search(pattern, self.log.read_text())

        wait_until(lambda: look() or self.process.poll() is not None, PATIENCE, f"it says {pattern}")
        found = look()
        assert found is not None, self.log.read_text()
        return found

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@dataclass
class Cluster:
    """A scheduler, and workers by their names.

    Attributes:
        folder: Of everything.
        options: Of the scheduler and all workers, such as certificates.
        scheme: Of addresses.
    """

    folder: Path
    options: Sequence[str] = ()
    scheme: str = "tcp"
    address: str = ""
    members: dict[str, Member] = field(default_factory=dict)

    def start(self, port: int = 0) -> None:
        """Start the scheduler; at any port where none is named."""
        self.folder.mkdir(parents=True, exist_ok=True)
        member = self._start("scheduler", "scheduler", "--listen", f"{self.scheme}://127.0.0.1:{port}")
        self.address = member.says(r"scheduler at (\S+);")[1]

    def device(self, name: str, **how: object) -> Path:
        """Make a device that any worker may offer; see `write_made_python`. Returns its folder."""
        folder = self.folder / "devices" / name
        write_made_python(folder, **how)  # type: ignore[arg-type]
        return folder

    def begin_worker(self, label: str, devices: Mapping[str, Path]) -> Member:
        """Start a worker with these devices by name; does not wait until it joined."""
        inventory = write_inventory(self.folder / f"{label}.yml", devices)
        return self._start(label, "worker", self.address, "--name", label, "--inventory", str(inventory))

    def workers(self, devices: Mapping[str, Mapping[str, Path]]) -> None:
        """Have workers with these devices: those that run go on."""
        new = [self.begin_worker(label, own) for label, own in devices.items() if not self.runs(label)]
        for member in new:
            member.says("joined")

    def runs(self, label: str) -> bool:
        """Whether a worker runs."""
        return label in self.members and self.members[label].process.poll() is None

    def runners(self, name: str) -> list[str]:
        """What was started on a device."""
        return started(self.folder / "devices" / name)

    def close(self) -> None:
        """End everything."""
        for member in self.members.values():
            if member.process.poll() is None:
                member.process.terminate()
        for member in self.members.values():
            member.process.wait(PATIENCE)

    def _start(self, label: str, *words: str) -> Member:
        log = self.folder / f"{label}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                command(*words, *self.options),
                stdin=subprocess.DEVNULL,
                stderr=stream,
                env={**os.environ, "PPOCR_EDGE_HOME": str(self.folder / "homes" / label)},
            )
        self.members[label] = Member(process, log)
        return self.members[label]
