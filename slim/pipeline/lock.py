"""One run at a time in a result's folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import InputError


@contextmanager
def locked(file: Path, subject: Path, doing: str = "is making a model there") -> Iterator[None]:
    """Hold a lock during the block; the system releases it when its holder dies.

    Args:
        file: The lock file; made if missing, never removed.
        subject: The result's folder, for the message.
        doing: What the other one does, for the message.

    Raises:
        InputError: Another process holds it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise InputError(
                subject, f"{who} {doing}", "wait for it, end it, or choose another -o folder"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
