"""Devices that a user chose by name: one, several, or all."""

from __future__ import annotations

from collections.abc import Iterable

from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.inventory.inventory import Inventory
from deploy_tools.devices.inventory.names import ALL
from edge.errors import InputError


def chosen_entries(inventory: Inventory, words: Iterable[str], option: str) -> tuple[DeviceEntry, ...]:
    """The devices of some words, each once.

    Args:
        inventory: All that have names.
        words: Names, several in a row with commas between them, or ``all``.
        option: What the words were given for, for messages.

    Raises:
        InputError: There is no device of such a name, or none at all.
    """
    names = [name.strip() for word in words for name in word.split(",")]
    if ALL in names:
        if not inventory.all:
            inventory.find(ALL, option)
        return inventory.all
    if not all(names):
        raise InputError(option, "is empty, or has a comma too many", "write names, such as pi4,pixel")
    return tuple(inventory.find(name, option) for name in dict.fromkeys(names))
