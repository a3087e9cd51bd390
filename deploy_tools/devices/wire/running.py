"""The processes of a wire that nobody has ended yet, so that closing it ends them."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

P = TypeVar("P")


class Running(Generic[P]):
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._processes: set[P] = set()
        self._turn = threading.Lock()

    def add(self, process: P) -> P:
        """Remember a process that was started; returns it."""
        with self._turn:
            self._processes.add(process)
        return process

    def forget(self, process: P) -> None:
        """It was ended. May be called again."""
        with self._turn:
            self._processes.discard(process)

    def now(self) -> list[P]:
        """Those there are at this moment."""
        with self._turn:
            return list(self._processes)
