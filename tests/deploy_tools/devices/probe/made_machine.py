"""Machines made of files: the probe's own script, run by real shells, sees them instead of this host."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy_tools.devices.probe.answer import parse_answer
from deploy_tools.devices.probe.asked import PYTHON_CODE, probe_script
from deploy_tools.devices.probe.facts import Probe

# the one name in /proc that is not the machine's but the running program's
_ABSOLUTE = re.compile(r"(?<![\w\"$}/*])/(sys|proc|lib|lib64|usr|vendor|system|etc|data)/(?!self/)")


@dataclass(frozen=True)
class Userland:
    """A shell, and the only programs that it finds.

    Attributes:
        shell: Command of the shell.
        programs: Where its programs come from: all of this host's, or one that is all of them.
    """

    shell: Sequence[str]
    programs: str = ""

    def __str__(self) -> str:
        return "-".join([*self.shell, self.programs]).strip("-")

    def require(self) -> None:
        """Skip where it is not installed."""
        for program in (self.shell[0], self.programs):
            if program and shutil.which(program) is None:
                pytest.skip(f"{program} is not installed (apt-get install {program})")

    def make_programs(self, folder: Path) -> str:
        """Its ``PATH``."""
        if not self.programs:
            return os.environ["PATH"]
        folder.mkdir()
        whole = shutil.which(self.programs)
        assert whole is not None
        listed = subprocess.run(
            [whole, *(["--list"] if self.programs == "busybox" else [])],
            capture_output=True,
            text=True,
            check=True,
        )
        for name in listed.stdout.split():
            (folder / name).symlink_to(whole)
        return str(folder)


USERLANDS = (
    Userland(["dash"]),
    Userland(["bash"]),
    Userland(["busybox", "sh"], "busybox"),
    Userland(["mksh"], "toybox"),
)


@dataclass
class MadeMachine:
    """A machine.

    Attributes:
        root: Its file system; empty files and folders as they are needed.
        uname: What ``uname -srm`` says.
        files: Contents by absolute path there.
        properties: Of Android; none where it is no Android.
    """

    root: Path
    uname: str
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)

    def make(self) -> None:
        """Write it."""
        for path, content in self.files.items():
            file = self.root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.program("uname", f"echo '{self.uname}'")
        if self.properties:
            cases = "\n".join(f"'{key}') echo '{value}' ;;" for key, value in self.properties.items())
            self.program("getprop", f'case "$1" in\n{cases}\n*) echo ;;\nesac')

    def ask(
        self, userland: Userland, folder: str, python: str | None = None, **environment: str
    ) -> tuple[bytes, bytes]:
        """Run the probe's script; standard output and error.

        Args:
            userland: By whom.
            folder: As for ``PLACE``.
            python: As for the script; None for not to look for any.
            environment: Of the shell.
        """
        userland.require()
        text = _ABSOLUTE.sub(rf"{self.root}/\1/", probe_script(python=python is not None))
        path = f"{self.root}/bin:{userland.make_programs(self.root / 'programs')}"
        shell = shutil.which(userland.shell[0])
        assert shell is not None
        done = subprocess.run(
            [shell, *userland.shell[1:], "-c", text, "sh", folder, python or "", PYTHON_CODE],
            capture_output=True,
            env={"PATH": path, "HOME": str(self.root / "home"), **environment},
            timeout=200,
            check=True,
        )
        return done.stdout, done.stderr

    def probe(self, userland: Userland, folder: str = "", python: str | None = None) -> Probe:
        """What is found out about it."""
        (self.root / "home").mkdir(exist_ok=True)
        stdout, stderr = self.ask(userland, folder, python)
        assert stderr == b""
        return parse_answer(stdout, time.time())

    def program(self, name: str, text: str) -> None:
        """Put a shell script onto its ``PATH``."""
        file = self.root / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)


def cores(clusters: Sequence[tuple[int, int, str]], governor: str) -> dict[str, str]:
    """Files of ``/sys`` for cores, by clusters of number, kHz, and ``implementer/part``; with cpuinfo."""
    files: dict[str, str] = {
        "/sys/devices/system/cpu/cpufreq/policy0/x": "",
        "/sys/devices/system/cpu/cpuidle/x": "",
    }
    blocks = []
    number = 0
    for count, khz, model in clusters:
        for _ in range(count):
            folder = f"/sys/devices/system/cpu/cpu{number}"
            if number:  # core 0 cannot be parked, and has no such file
                files[f"{folder}/online"] = "1\n"
            files[f"{folder}/cpufreq/cpuinfo_max_freq"] = f"{khz}\n"
            files[f"{folder}/cpufreq/scaling_governor"] = f"{governor}\n"
            implementer, part = model.split("/")
            blocks.append(
                f"processor\t: {number}\nBogoMIPS\t: 38.40\n"
                "Features\t: fp asimd evtstrm aes crc32 atomics fphp asimdhp cpuid asimddp\n"
                f"CPU implementer\t: {implementer}\nCPU architecture: 8\nCPU variant\t: 0x1\n"
                f"CPU part\t: {part}\nCPU revision\t: 0\n"
            )
            number += 1
    return {
        **files,
        "/proc/cpuinfo": "\n".join(blocks) + "\nHardware\t: Some Board\nSerial\t: 10000000abcdef\n",
    }
