"""How a pull reports what it is doing; the command line draws it, others stay silent."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what happens during a pull. Called from the thread that pulls."""

    def started(self, label: str, total: int | None) -> None:
        """A file begins: its name and size in bytes (None where unknown)."""

    def advanced(self, done: int) -> None:
        """So many bytes of that file are here, counting those of an earlier attempt."""

    def note(self, text: str) -> None:
        """Something worth a line: a retry, a wait."""


class Silent:
    """Reports nothing."""

    def started(self, label: str, total: int | None) -> None:
        """Nothing."""

    def advanced(self, done: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""
