"""A file of an archive, before there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from deploy_tools.release.trust.names import fault_of_all
from edge.bundle.manifest import FileEntry


@dataclass(frozen=True)
class Entry:
    """A file of an archive.

    Attributes:
        name: Its path there, with slashes.
        content: All of it.
        executable: Whether it is a program.
    """

    name: str
    content: bytes = field(repr=False)
    executable: bool = False

    @property
    def mode(self) -> int:
        """Permission bits, the same whatever this process' umask is."""
        return 0o755 if self.executable else 0o644

    @cached_property
    def listed(self) -> FileEntry:
        """As manifests list it."""
        return FileEntry(hashlib.sha256(self.content).hexdigest(), len(self.content))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Entries by the bytes of their names, whatever order they came in.

    Raises:
        ValueError: A name cannot be one of a release, or two of them are one on some systems.
    """
    ordered = sorted(entries, key=lambda entry: entry.name.encode())
    fault = fault_of_all(entry.name for entry in ordered)
    if fault is not None:
        raise ValueError(fault)
    return ordered
