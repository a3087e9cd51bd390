"""How fast files get to a device, beside the adb program: both to the same device, in turns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from deploy_tools.devices.wire.adb import AdbWire
from tests.devices_kit.adbd.device import TMP, AdbDevice
from tests.devices_kit.adbd.server import AdbServer

SIZE = 11_000_000
TURNS = 40
MOST = 1.3


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _slower(sent: list[float], pushed: list[float]) -> bool:
    """By the best of each, to which what else this machine does only adds; and by what is usual."""
    return min(sent) > MOST * min(pushed) and median(sent) > MOST * median(pushed)


def test_sending_is_about_as_fast_as_adb_push(
    adb: AdbServer, open_phone: Callable[..., tuple[AdbDevice, AdbWire]], tmp_path: Path
) -> None:
    device, wire = open_phone()
    source = tmp_path / "source"
    source.write_bytes(os.urandom(SIZE))
    wire.run(["true"])
    pushed, sent = list[float](), list[float]()
    turn = 0
    while turn < 5 or (_slower(sent, pushed) and turn < TURNS):
        turn += 1
        pushed.append(_seconds(lambda: adb.adb("-s", device.serial, "push", str(source), f"{TMP}/pushed")))
        sent.append(_seconds(lambda: wire.send(source, f"{TMP}/sent")))
    assert (device.tmp / "pushed").read_bytes() == source.read_bytes()
    assert (device.tmp / "sent").read_bytes() == source.read_bytes()
    print(f"adb push {min(pushed) * 1000:.0f} ms, send {min(sent) * 1000:.0f} ms")
    assert not _slower(sent, pushed)
