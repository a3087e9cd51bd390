"""An adb server of the tests' own: its port, its home, its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices_kit.adbd.device import missing
from tests.devices_kit.ports import HeldPort


class AdbServer:
    """Where the adb client finds its server while a test runs; nothing runs until somebody needs it.

    Args:
        home: ``HOME`` of the server: its keys and log.
        patch: Of the test.
    """

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._held = HeldPort()
        self.port = self._held.number
        patch.setenv("ANDROID_ADB_SERVER_PORT", str(self.port))
        patch.setenv("HOME", str(home))
        patch.setenv("TMPDIR", str(home))
        patch.setenv("ADB_MDNS", "0")
        patch.setenv("ADB_LOCAL_TRANSPORT_MAX_PORT", "5554")  # it looks for no emulators
        for name in ("ADB_SERVER_SOCKET", "ANDROID_ADB_SERVER_ADDRESS", "ANDROID_SERIAL", "ADB_VENDOR_KEYS"):
            patch.delenv(name, raising=False)
        self._environment = dict(os.environ)  # whatever a test makes of it

    def adb(self, *arguments: str) -> str:
        """What the real client says."""
        done = subprocess.run(
            ["adb", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
            env=self._environment,
        )
        return (done.stdout + done.stderr).decode()

    def pid(self) -> int | None:
        """Of the server; None where none runs."""
        place = b":%d" % self.port
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if not entry.name.isdigit():
                    continue
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"fork-server" in words and any(word.endswith(place) for word in words):
                    return int(entry.name)
        return None

    def kill(self) -> None:
        """The server dies as of a crash."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 60
        while self.pid() is not None and time.monotonic() < end:
            time.sleep(0.01)

    def close(self) -> None:
        """End it for good; its port is anybody's."""
        self.kill()
        self._held.close()


@contextlib.contextmanager
def adb_server(home: Path) -> Iterator[AdbServer]:
    """A server for fixtures of wider scope than a test's; skips where devices cannot be had here."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch:
        server = AdbServer(home, patch)
        try:
            yield server
        finally:
            server.close()
