"""This host as a device that is there to look at."""

from __future__ import annotations

from pathlib import Path

from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire

NAME = "b o'ard $(x)é"


class Board(RemoteDevice):
    """A device over `HostWire`, which is there to look at.

    Attributes:
        wire: Its wire.
        home: Its home folder.
    """

    def __init__(self, home: Path, **options: object) -> None:
        self.home = home
        self.wire = HostWire(str(options.pop("name", NAME)), home)
        entry = DeviceEntry(self.wire.name, HostAddress(), **options)  # type: ignore[arg-type]
        super().__init__(entry, self.wire, DeviceStore(self.wire, entry.folder))

    @property
    def sent(self) -> list[str]:
        """Files in its store."""
        return sorted(path.name for path in self.home.glob(".ppocr-edge/objects/*"))
