"""Places that run bundles: this host's x86 Paddle-Lite; boards and phones are to join it."""

from deploy_tools.devices.base import Device
from deploy_tools.devices.find import find_device

__all__ = ["Device", "find_device"]
