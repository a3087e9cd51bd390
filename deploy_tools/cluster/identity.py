"""Whether two hosts reach the same device: asked of the device, as names and addresses do not tell.

Two inventories may call two boards ``pi4``, and reach one board by two addresses. A device is asked for the
number that its kernel drew when it was started, which no other machine has until it is started again, and for
its serial number, where it has one. Not for its machine id: that is copied with images of SD cards.
"""

from __future__ import annotations

import hashlib
from typing import Final

from deploy_tools.devices.base import Device
from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.asking import compact
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire, script
from edge.errors import DeviceError

_SECONDS: Final = 20.0
_SHORTEST: Final = 6
_ASK: Final = r"""
exec 2>/dev/null
read -r v </proc/sys/kernel/random/boot_id && echo "boot=$v"
f=/proc/device-tree/serial-number
[ -r $f ] && echo "serial=$(tr -d '\0' <$f)"
v=$(getprop ro.serialno) && echo "serial=$v"
:
"""


def ask_marks(device: Device) -> frozenset[str]:
    """What tells a device from all others; two that share one are the same.

    Empty where it says nothing of the kind. Numbers are hashed, as they travel.

    Raises:
        DeviceError: It cannot be reached.
    """
    wire, entry = _wire_of(device)
    try:
        done = wire.run(script(compact(_ASK)), seconds=_SECONDS)
    finally:
        wire.close()
    if done.exit.code != 0:
        raise DeviceError(device.name, "did not say what it is", "see 'ppocr-edge devices probe'")
    # several devices of this host stand for as many real ones
    stands_for = f" {entry.folder}" if entry is not None and isinstance(entry.address, HostAddress) else ""
    found = set()
    for line in done.stdout.decode(errors="replace").splitlines():
        kind, _, value = line.strip().partition("=")
        if kind in ("boot", "serial") and len(value) >= _SHORTEST and len(set(value)) > 1:
            found.add(hashlib.sha256(f"{kind} {value}{stands_for}".encode()).hexdigest()[:24])
    return frozenset(found)


def _wire_of(device: Device) -> tuple[Wire, DeviceEntry | None]:
    if isinstance(device, RemoteDevice):
        return device.wire, device.entry
    return HostWire(device.name), None
