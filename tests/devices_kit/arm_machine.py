"""The emulated aarch64 machine that stands beside the checkout, as a device that answers SSH."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy_tools.devices.emulated import LITE_HOME

HOME_VARIABLE = "ARM_DEVICE_HOME"


@dataclass(frozen=True)
class ArmMachine:
    """A machine that runs.

    Attributes:
        port: Of its SSH server, on 127.0.0.1.
        identity: Private key of its user root.
        root: Its file system, as it is seen from here.
    """

    port: int
    identity: Path
    root: Path

    @property
    def way(self) -> list[str]:
        """What follows ``devices add NAME``."""
        address = ["--ssh", f"root@127.0.0.1:{self.port}", "--identity", str(self.identity)]
        return [*address, "--accept-new-host-key", "--lite-home", lite_home()]

    def shell(
        self, script: str, *words: str, known_hosts: Path, given: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a script of its shell, as somebody does who logs in.

        Args:
            script: For ``sh -c``.
            words: Its ``$1`` and so on.
            known_hosts: File that its host key is written into.
            given: Standard input.
        """
        trust = ("StrictHostKeyChecking=accept-new", f"UserKnownHostsFile={known_hosts}", "BatchMode=yes")
        options = [word for option in trust for word in ("-o", option)]
        command = ["ssh", "-i", str(self.identity), "-p", str(self.port), *options, "root@127.0.0.1"]
        line = shlex.join(["sh", "-c", script, "sh", *words])
        return subprocess.run([*command, line], input=given or b"", capture_output=True, check=False)


def machine_home() -> Path:
    """Where its file system is."""
    return Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".cache" / "arm_device")


def lite_home() -> str:
    """Folder of the ARM library."""
    return os.environ[LITE_HOME]


def missing(scripts: Path) -> str | None:
    """Why there can be no such machine here; None where there can.

    Args:
        scripts: Folder of ``make-rootfs``, ``start`` and ``stop``.
    """
    if not os.environ.get(LITE_HOME):
        return f"no ARM library is named (set {LITE_HOME})"
    if not (scripts / "start").is_file():
        return f"no scripts of an aarch64 machine at {scripts}"
    if not (machine_home() / "rootfs" / "etc" / "device-init").is_file():
        return f"no aarch64 machine at {machine_home()} (run {scripts}/make-rootfs, or set {HOME_VARIABLE})"
    return None


@contextlib.contextmanager
def arm_machine(scripts: Path) -> Iterator[ArmMachine]:
    """The machine, started for the block unless it runs already."""
    home = machine_home()
    said = (home / "rootfs/etc/ssh/sshd_config_device").read_text()
    port = int(re.findall(r"(?m)^Port (\d+)$", said)[0])
    environment = {**os.environ, HOME_VARIABLE: str(home), "ARM_DEVICE_PORT": str(port)}
    runs = _answers(port)
    if not runs:
        subprocess.run([scripts / "start"], env=environment, check=True, stdout=subprocess.DEVNULL)
    try:
        yield ArmMachine(port, home / "id_ed25519", home / "rootfs")
    finally:
        if not runs:
            subprocess.run([scripts / "stop"], env=environment, check=True, stdout=subprocess.DEVNULL)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            sock.settimeout(5)
            return sock.recv(4) == b"SSH-"
    except OSError:
        return False
