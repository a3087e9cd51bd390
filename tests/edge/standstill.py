"""Processes held still in the middle of their work: what they do next is told without looking at a clock."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import alive, state, wait_until

_PATIENCE = 60.0


def computed(pid: int) -> float:
    """Seconds that a process spent on its own code; without the system's, which cleans up after it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


def stop(pid: int) -> None:
    """Stop a process and wait until it stands still, so that it starts no other any more; or has ended."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: state(pid) in ("T", "Z"), _PATIENCE, "it stands still")


@contextmanager
def ending_at_once(pid: int, *, after: float, most: float = 0.25) -> Iterator[None]:
    """Stop a process once it has computed for so long; what the block does must end it when it goes on.

    By its processor time: on a busy machine an end at once may take any time on the clock.

    Args:
        pid: The process.
        after: Seconds of `computed`.
        most: So much more it may compute.
    """
    wait_until(lambda: computed(pid) >= after, _PATIENCE, "it computes")
    stop(pid)
    before = computed(pid)
    yield
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: _ended(pid, before + most), _PATIENCE, "it is gone")


def _ended(pid: int, limit: float) -> bool:
    try:
        assert computed(pid) < limit, "it went on computing"
    except OSError:  # gone altogether
        return True
    return not alive(pid)
