"""What a device may be called."""

from __future__ import annotations

from typing import Final

from edge.errors import InputError

ALL: Final = "all"
"""After ``--device``: every device of the inventory."""
RESERVED: Final = ("local", "paddle", "qemu-arm64", ALL)
"""Names that mean something after ``--device`` without an inventory."""
LONGEST: Final = 80


def name_fault(name: str) -> str:
    """Why a device cannot be called so, as a clause that follows the name; empty where it can.

    Names are written in a row, as in ``--device pi4,pixel``; they may hold spaces and any letters.
    """
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"has {len(name)} characters, {LONGEST} are allowed"
    if not name.isprintable():
        return "has characters that cannot be printed"
    if name != name.strip():
        return "begins or ends with a space"
    if "," in name:
        return "has a comma, which stands between names"
    if name.startswith("-"):
        return "begins with '-', as options do"
    if name in RESERVED:
        return "means something else after --device"
    return ""


def split_names(names: str) -> list[str]:
    """The names after ``--device``, with commas between them.

    Raises:
        InputError: One is named twice.
    """
    words = [word.strip() for word in names.split(",")]
    for word in words:
        if words.count(word) > 1:
            raise InputError(f"--device {names}", f"names {word!r} twice", "name each device once")
    return words


def check_name(name: str) -> None:
    """Make sure that a device can be called so.

    Raises:
        InputError: It cannot.
    """
    if fault := name_fault(name):
        raise InputError(f"device name {name!r:.100}", fault, "choose another name, for example 'pi4'")
