"""Real adb servers and devices of the tests' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress
from deploy_tools.devices.wire.adb import AdbWire
from tests.devices_kit.adbd.device import AdbDevice
from tests.devices_kit.adbd.kinds import KINDS, make_device
from tests.devices_kit.adbd.server import AdbServer, adb_server


@pytest.fixture(scope="module")
def adb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdbServer]:
    """Where the adb client finds its server."""
    with adb_server(tmp_path_factory.mktemp("adb")) as server:
        yield server


@pytest.fixture(scope="module", params=KINDS)
def phone(
    request: pytest.FixtureRequest, adb: AdbServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AdbDevice]:
    """A device of each kind."""
    with make_device(request.param, tmp_path_factory.mktemp("phone")) as device:
        yield device


@pytest.fixture
def wire(phone: AdbDevice) -> Iterator[AdbWire]:
    """The wire to it."""
    opened = AdbWire("pixel", AdbAddress(phone.serial))
    yield opened
    opened.close()


@pytest.fixture
def open_phone(adb: AdbServer, tmp_path: Path) -> Iterator[Callable[..., tuple[AdbDevice, AdbWire]]]:
    """``open_phone(*options)``: a device of the test's own, and the wire to it."""
    with ExitStack() as stack:

        def open_it(*options: str, name: str = "pixel") -> tuple[AdbDevice, AdbWire]:
            device = stack.enter_context(AdbDevice(tmp_path / name, *options))
            opened = AdbWire(name, AdbAddress(device.serial))
            stack.callback(opened.close)
            return device, opened

        yield open_it
