"""Devices of this host with runners that say what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from edge.bundle.bundle import Bundle
from tests.devices_kit.made_runner import write_made_python


@pytest.fixture
def made_device(tmp_path: Path) -> Iterator[Callable[..., RemoteDevice]]:
    """``made_device(name, **how)``: a device of its own folder; see `write_made_python`."""
    with ExitStack() as stack:

        def make(name: str, **how: object) -> RemoteDevice:
            home = tmp_path / name
            python = write_made_python(home / "made", **how)  # type: ignore[arg-type]
            wire = HostWire(name, home)
            device = RemoteDevice(
                DeviceEntry(name, HostAddress(), python=str(python)), wire, DeviceStore(wire, None)
            )
            stack.callback(device.close)
            return device

        yield make


@pytest.fixture
def small(default_bundles: Mapping[str, Bundle]) -> Bundle:
    """The smallest of the default bundles."""
    return default_bundles["cls"]
