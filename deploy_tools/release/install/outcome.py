"""What is wanted of an installation, and what came of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

UNFLUSHED: Final = (
    "there is no 'sync' there: should its power be cut within the next minute, files may be damaged"
)


@dataclass(frozen=True)
class InstallOptions:
    """What the user wants.

    Attributes:
        allow: What may pass: see `judging.check_newer`.
        selftest: Whether it is run.
        keep: So many older releases stay, besides the current and the previous one.
    """

    allow: Collection[str] = ()
    selftest: bool = True
    keep: int = 0


@dataclass(frozen=True)
class Installed:
    """What came of it.

    Attributes:
        name: Of the release.
        version: That is current now.
        folder: Of it there, absolute.
        current: What apps open there: a link to it, absolute.
        previous: Version that was current before; empty where none was.
        target: Of the archive.
        kept: It was current already, whole.
        sent: Bytes that were sent.
        copied: Bytes that were taken from the release before.
        selftest: ``passed``, or why it was not run.
        removed: Versions that were removed.
        notes: What the user must know.
    """

    name: str
    version: str
    folder: str
    current: str
    previous: str
    target: str = ""
    kept: bool = False
    sent: int = 0
    copied: int = 0
    selftest: str = ""
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**vars(self), "previous": self.previous or None}
