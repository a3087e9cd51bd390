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
        there: Its home folder as it calls it itself, where that is another name.
        options: What the entry says.

    Attributes:
        home: Its home folder.
        wire: Its wire.
        there: Folder of its store, as it calls it itself.
        cut: Breaks the link as something outside would.
        reboot: Starts it anew, where a test can do that.
        processes: All that run on it; None where its files' names, no other device's, tell them.
    """

    def __init__(self, home: Path, wire: Wire | None = None, *, there: str = "", **options: object) -> None:
        self.home = home
        self.wire = wire or HostWire(NAME, home)
        self.cut: Callable[[], None] = self.wire.close
        self.reboot: Callable[[], None] | None = None
        self.processes: Callable[[], set[int]] | None = None
        self.there = f"{there or home}/.ppocr-edge"
        if there:
            options["folder"] = self.there
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
