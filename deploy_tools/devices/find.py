"""Devices by name."""

from __future__ import annotations

from deploy_tools.devices.base import Device
from deploy_tools.devices.emulated import EmulatedDevice
from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.paddle import PaddleDevice
from edge.errors import InputError


def find_device(name: str) -> Device:
    """The device of this name.

    Raises:
        InputError: There is none.
    """
    if name == LocalDevice.name:
        return LocalDevice()
    if name == PaddleDevice.name:
        return PaddleDevice()
    if name == EmulatedDevice.name:
        return EmulatedDevice()
    raise InputError(
        f"--device {name}",
        "there is no device of this name",
        "use 'local', the x86 Paddle-Lite of this host, 'qemu-arm64', an ARM library under emulation, or "
        "'paddle' to evaluate an inference model",
    )
