"""Places that run bundles: this host's x86 Paddle-Lite, an ARM library under emulation, boards and phones."""

from deploy_tools.devices.base import Device
from deploy_tools.devices.find import find_device

__all__ = ["Device", "find_device"]
