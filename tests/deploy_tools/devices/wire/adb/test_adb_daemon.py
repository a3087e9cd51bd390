"""The device of the tests' own, as the real adb program sees it: with and without what Android 7 brought."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices_kit.adbd.device import TMP, AdbDevice
from tests.devices_kit.adbd.kinds import OLD
from tests.devices_kit.adbd.server import AdbServer

SAY = "echo out; echo err >&2; exit 7"


@pytest.fixture(params=[(), OLD], ids=["new", "old"])
def device(request: pytest.FixtureRequest, adb: AdbServer, tmp_path: Path) -> Iterator[AdbDevice]:
    with AdbDevice(tmp_path / "phone", *request.param) as started:
        assert f"connected to {started.serial}\n" in adb.adb("connect", started.serial)
        yield started
        adb.adb("disconnect", started.serial)


def test_a_command_by_the_adb_program(device: AdbDevice, request: pytest.FixtureRequest) -> None:
    done = subprocess.run(
        ["adb", "-s", device.serial, "shell", SAY], capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    old = "--no-shell-v2" in device.options
    said = (done.returncode, done.stdout, done.stderr)
    assert said == ((0, b"out\r\nerr\r\n", b"") if old else (7, b"out\n", b"err\n"))


def test_files_by_the_adb_program(adb: AdbServer, device: AdbDevice, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(os.urandom(300_000))
    assert "1 file pushed" in adb.adb("-s", device.serial, "push", str(tmp_path / "file"), f"{TMP}/é x")
    assert (device.tmp / "é x").read_bytes() == (tmp_path / "file").read_bytes()
    assert "1 file pulled" in adb.adb("-s", device.serial, "pull", f"{TMP}/é x", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == (tmp_path / "file").read_bytes()
    assert "é x" in adb.adb("-s", device.serial, "ls", TMP)
    assert "Is a directory" in adb.adb("-s", device.serial, "push", str(tmp_path / "file"), f"{TMP}/none/")
    assert adb.adb("-s", device.serial, "exec-out", f"wc -c <'{TMP}/é x'").strip() == "300000"
