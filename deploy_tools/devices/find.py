"""Devices by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deploy_tools.devices.base import Device
from deploy_tools.devices.emulated import EmulatedDevice
from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.inventory.names import ALL, split_names
from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.paddle import PaddleDevice
from deploy_tools.devices.wire.wire import Progress
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.devices.inventory.inventory import Inventory

Sending = Callable[[str], Progress]
"""From the name of a device to what is told of files that are sent to it."""


def find_device(name: str, inventory: Path | None = None, *, sending: Sending | None = None) -> Device:
    """The device of this name: one that is always there, or one of the inventory. Nothing is connected yet.

    Args:
        name: As the user wrote it.
        inventory: The inventory's file; the user's own where None.
        sending: Told of files that are sent.

    Raises:
        InputError: There is none, or the inventory cannot be read.
    """
    if name == LocalDevice.name:
        return LocalDevice()
    if name == PaddleDevice.name:
        return PaddleDevice()
    if name == EmulatedDevice.name:
        return EmulatedDevice()
    listed = _inventory(inventory)
    if name in listed.entries:
        return remote_device(listed.entries[name], sending)
    near = difflib.get_close_matches(name, listed.entries, n=1)
    known = f", did you mean {near[0]!r}?" if near else ""
    raise InputError(
        f"--device {name}",
        f"there is no device of this name{known}",
        "use 'local', the x86 Paddle-Lite of this host, 'qemu-arm64', an ARM library under emulation, "
        f"'paddle' to evaluate an inference model, or one of {listed.path} (ppocr-edge devices add)",
    )


def find_devices(
    names: str, inventory: Path | None = None, *, sending: Sending | None = None
) -> Sequence[Device]:
    """The devices of a list of names.

    Args:
        names: One name, several with commas between them, or ``all`` for every device of the inventory.
        inventory: As for `find_device`.
        sending: As for `find_device`.

    Raises:
        InputError: One does not exist, or is named twice; or all are asked for and there are none.
    """
    if names == ALL:
        listed = _inventory(inventory)
        if not listed.entries:
            raise InputError(
                f"--device {names}",
                f"{listed.path} names no devices",
                "add them with 'ppocr-edge devices add'",
            )
        return [remote_device(entry, sending) for entry in listed.all]
    return [find_device(word, inventory, sending=sending) for word in split_names(names)]


def remote_device(entry: DeviceEntry, sending: Sending | None = None) -> Device:
    """The device that an entry describes. What its wire needs is loaded with its first use."""
    from deploy_tools.devices.remote.device import RemoteDevice
    from deploy_tools.devices.store.store import DeviceStore
    from deploy_tools.devices.wire.open import open_wire

    wire = open_wire(entry)
    progress = sending(entry.name) if sending is not None else None
    return RemoteDevice(entry, wire, DeviceStore(wire, entry.folder), progress=progress)


def _inventory(path: Path | None) -> Inventory:
    from deploy_tools.devices.inventory.reading import load_inventory

    return load_inventory(path)
