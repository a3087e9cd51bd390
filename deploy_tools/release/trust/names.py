"""Names of files in a release: such as mean one file, the same one, on every system and to every program."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 240
_FORBIDDEN: Final = frozenset('\\:*?"<>|')


def name_fault(name: str) -> str | None:
    """Why a name cannot be one of a release, or None where it can.

    It is a relative path below the release: no ``..``, nothing that a shell, `sha256sum` or another file
    system takes for something else.
    """
    if not name:
        return "is an empty name"
    if name.startswith("/"):
        return "is an absolute path"
    parts = name.split("/")
    if ".." in parts:
        return "leads out of its folder"
    if "" in parts or "." in parts:
        return "is no plain path"
    if not name.isprintable() or _FORBIDDEN & set(name) or unicodedata.normalize("NFC", name) != name:
        return "has characters that no name of a release has"
    if any(part[0] in "-~ " or part[-1] in " ." for part in parts):
        return "begins or ends as no name of a release does"
    if len(name.encode()) > _LONGEST:
        return f"is longer than {_LONGEST} bytes"
    return None


class NameSet:
    """Names of one tree, in which none may take another's place on any system.

    Upper and lower case are one where Android keeps shared files, and on disks of other systems.
    """

    def __init__(self) -> None:
        self._paths: dict[str, tuple[str, bool]] = {}  # folded -> as it was written, whether it is a folder
        self._named: set[str] = set()

    def add(self, name: str, *, folder: bool = False) -> str | None:
        """Take in a name without `name_fault`; the one whose place it would take, None where it is free."""
        if name in self._named:
            return name
        self._named.add(name)
        parts = name.split("/")
        for length in range(1, len(parts) + 1):
            path = "/".join(parts[:length])
            is_folder = folder or length < len(parts)
            known = self._paths.setdefault(path.casefold(), (path, is_folder))
            if known != (path, is_folder):
                return known[0]
        return None

    def fault(self, name: str, *, folder: bool = False) -> str | None:
        """Why a name cannot be one of this tree; None where it was taken in."""
        fault = name_fault(name)
        if fault is None and (other := self.add(name, folder=folder)) is not None:
            fault = "is there twice" if other == name else f"is the same as {other!r:.80} on some systems"
        return fault


def fault_of_all(names: Iterable[str]) -> str | None:
    """What is wrong with one of these names of files, or None."""
    taken = NameSet()
    for name in names:
        fault = taken.fault(name)
        if fault is not None:
            return f"{name!r:.80} {fault}"
    return None
