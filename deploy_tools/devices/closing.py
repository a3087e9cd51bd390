"""Closing what leads to several devices, all at once and for a limited time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Protocol


class Closeable(Protocol):
    """What is to be closed: a device or a wire."""

    def close(self) -> None:
        """End it."""
        ...


def close_all(
    open_ones: Iterable[Closeable], seconds: float, working: Sequence[threading.Thread] = ()
) -> None:
    """Close everything; what does not answer in time is left to end by itself.

    Args:
        open_ones: What to close.
        seconds: Time limit for all of it together.
        working: Threads that end with what they work on; waited for likewise.
    """
    # daemons: where a device does not answer, nobody waits for it at the end
    closing = [threading.Thread(target=one.close, daemon=True) for one in open_ones]
    for thread in closing:
        thread.start()
    end = time.monotonic() + seconds
    for thread in (*closing, *working):
        if thread.is_alive():
            thread.join(max(0.0, end - time.monotonic()))
