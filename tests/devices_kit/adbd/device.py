"""A device as tests see it: started, restarted, stopped, and all its processes."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.devices_kit.ports import HeldPort

TMP = "/data/local/tmp"
_CHECKOUT = Path(__file__).resolve().parents[3]

# The daemon sees this machine, and /data/local/tmp, which is a folder of the test: in a mount namespace of
# its own, so that nothing of it is left on this machine and no privileges are needed.
_ROOTED = """
set -e
root=$1 data=$2 room=$3
shift 3
mount -t tmpfs tmpfs "$root"
for entry in /*; do
    name=$root$entry
    if [ -L "$entry" ]; then
        cp -P "$entry" "$name"
    elif [ -d "$entry" ]; then
        mkdir "$name"
        mount --rbind "$entry" "$name"
    fi
done
mkdir -p "$root/data/local/tmp"
if [ "$room" ]; then
    mount -t tmpfs -o "size=$room" tmpfs "$root/data/local/tmp"
else
    mount --bind "$data" "$root/data/local/tmp"
fi
exec chroot "$root" "$@"
"""


def missing() -> str | None:
    """Why devices cannot be had on this machine; None where they can."""
    for tool in ("adb", "unshare"):
        if shutil.which(tool) is None:
            return f"no {tool} here (apt-get install {'adb' if tool == 'adb' else 'util-linux'})"
    done = subprocess.run(
        [*_unshare(), "mount", "-t", "tmpfs", "tmpfs", "/tmp"], capture_output=True, check=False
    )
    return None if done.returncode == 0 else "mount namespaces are not allowed here (unshare -m)"


def _unshare() -> list[str]:
    return (
        ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--user", "--map-root-user"]
    )


class AdbDevice:
    """A device that runs from `start` on.

    Args:
        folder: Of the test; ``folder / "tmp"`` is the device's ``/data/local/tmp``.
        options: Of the daemon, see ``python -m tests.devices_kit.adbd --help``.
        path: What comes first in the ``PATH`` of its commands.
        home: ``HOME`` of its commands.
        room: Of its ``/data/local/tmp``, as ``mount`` takes it; it is then not to be seen from here.
    """

    def __init__(
        self, folder: Path, *options: str, path: str = "/usr/local/bin", home: str = "/", room: str = ""
    ) -> None:
        self.options = list(options)
        self.tmp = folder / "tmp"
        self.tmp.mkdir(parents=True, exist_ok=True)
        self._root = folder / "root"
        self._root.mkdir(exist_ok=True)
        self._room = room
        self._held = HeldPort()
        self.port = self._held.number
        self._mark = f"ADBD_DEVICE={secrets.token_hex(8)}"
        name, _, value = self._mark.partition("=")
        self._environment = {"PATH": f"{path}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, name: value}
        self._environment["PYTHONPATH"] = str(_CHECKOUT)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def serial(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> AdbDevice:
        daemon = [sys.executable, "-m", "tests.devices_kit.adbd", "--port", str(self.port), *self.options]
        self._process = subprocess.Popen(
            [*_unshare(), "sh", "-c", _ROOTED, "sh", str(self._root), str(self.tmp), self._room, *daemon],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=self._environment,
        )
        assert self._process.stdout is not None
        with self._process.stdout as said:
            assert int(said.readline()) == self.port
        return self

    def processes(self) -> set[int]:
        """What runs on the device, but for the daemon."""
        own = {self._process.pid} if self._process is not None else set()
        return self.everything() - own

    def everything(self) -> set[int]:
        """All of its processes, the daemon included."""
        found = set()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and self._mark.encode() in (entry / "environ").read_bytes().split(
                    b"\0"
                ):
                    found.add(int(entry.name))
        return found

    def stop(self) -> None:
        """As when the battery is taken out: nothing sees what ends before it."""
        for pid in self.everything():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        while running := self.everything():
            for pid in running:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if self._process is not None:
                self._process.wait()
            time.sleep(0.01)
        self._process = None

    def reboot(self) -> None:
        """All processes and links end, then it is there again under the same address."""
        self.stop()
        self.start()

    def __enter__(self) -> AdbDevice:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._held.close()
