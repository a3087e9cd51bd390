"""From an entry of the inventory to the wire that leads to the device."""

from __future__ import annotations

from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry, SshAddress
from deploy_tools.devices.wire.wire import Wire


def open_wire(entry: DeviceEntry) -> Wire:
    """A wire to a device; nothing is connected before its first use.

    What a wire needs is imported here: a command that uses no device loads none of it.

    Args:
        entry: The device.
    """
    address = entry.address
    if isinstance(address, SshAddress):
        from deploy_tools.devices.wire.ssh.wire import SshWire

        return SshWire(entry.name, address)
    if isinstance(address, AdbAddress):
        from deploy_tools.devices.wire.adb.wire import AdbWire

        return AdbWire(entry.name, address)
    from deploy_tools.devices.wire.host import HostWire

    return HostWire(entry.name)
