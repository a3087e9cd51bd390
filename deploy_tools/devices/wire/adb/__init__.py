"""The wire to an Android device, over the adb server of this host."""

from deploy_tools.devices.wire.adb.wire import AdbWire

__all__ = ["AdbWire"]
