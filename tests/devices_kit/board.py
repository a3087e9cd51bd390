"""A device that is there to look at: this host, or this host over SSH."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire

NAME = "b o'ard $(x)é"


class Board(RemoteDevice):
    """A device with the real Python runner, or what a test gives it instead.

    Args:
        home: Its home folder.
        wire: What leads to it; this host's where None.
        options: What the entry says.

    Attributes:
        home: Its home folder.
        wire: Its wire.
        cut: Breaks the link as something outside would.
    """

    def __init__(self, home: Path, wire: Wire | None = None, **options: object) -> None:
        self.home = home
        self.wire = wire or HostWire(NAME, home)
        self.cut: Callable[[], None] = self.wire.close
        entry = DeviceEntry(self.wire.name, HostAddress(), **options)  # type: ignore[arg-type]
        super().__init__(entry, self.wire, DeviceStore(self.wire, entry.folder))

    @property
    def sent(self) -> list[str]:
        """Files in its store."""
        return sorted(path.name for path in self.home.glob(".ppocr-edge/objects/*"))

    @property
    def locked(self) -> bool:
        """Whether somebody uses it."""
        return (self.home / ".ppocr-edge" / "lock").exists()
