"""One process at a time: an advisory lock on a file, which the system releases when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge.errors import SourceError
from slim.zoo.progress import Progress

_POLL_SECONDS: Final = 0.1


@contextmanager
def locked(path: Path, subject: str, progress: Progress, patience: float = 3600.0) -> Iterator[None]:
    """Hold the lock during the block.

    Args:
        path: The lock file; made if missing, and never removed, since another process may be waiting on it.
        subject: What is locked, for messages.
        progress: Told when there is something to wait for.
        patience: Seconds to wait for another holder.

    Raises:
        SourceError: Another process still holds it after ``patience``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        give_up = time.monotonic() + patience
        told = False
        while not _try_lock(descriptor):
            if not told:
                progress.note(f"{subject}: another process is fetching it, waiting")
                told = True
            if time.monotonic() >= give_up:
                raise SourceError(
                    subject, f"another process holds {path} for {patience:g} s", "end it, or try again later"
                )
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
