"""All named devices."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.inventory.names import ALL, RESERVED
from edge.errors import InputError


@dataclass(frozen=True)
class Inventory:
    """What an inventory file says.

    Attributes:
        path: The file, which need not exist.
        entries: Devices by name, in their order.
    """

    path: Path
    entries: Mapping[str, DeviceEntry]

    @property
    def all(self) -> tuple[DeviceEntry, ...]:
        """Every device."""
        return tuple(self.entries.values())

    def find(self, name: str, option: str = "--device") -> DeviceEntry:
        """The device of this name.

        Args:
            name: As the user wrote it.
            option: What named it, for messages.

        Raises:
            InputError: There is none.
        """
        if name in self.entries:
            return self.entries[name]
        subject = f"{option} {name}".strip()
        add = "add it with 'ppocr-edge devices add'"
        if name in RESERVED and name != ALL:
            raise InputError(subject, "is always there, and no device of the inventory", "name one of these")
        if not self.entries:
            raise InputError(subject, f"{self.path} names no devices", add)
        near = difflib.get_close_matches(name, self.entries, n=1)
        there = f"did you mean {near[0]}?" if near else f"it names {', '.join(self.entries)}"
        raise InputError(subject, f"there is no device of this name in {self.path}; {there}", add)
