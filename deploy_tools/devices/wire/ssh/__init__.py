"""A wire over SSH."""

from deploy_tools.devices.wire.ssh.wire import SshWire

__all__ = ["SshWire"]
