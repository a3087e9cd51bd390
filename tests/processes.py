"""Looking at processes from outside: whether they are there, their children, memory and open files."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path


def children(pid: int) -> set[int]:
    """Processes that any thread of a process started and that are not yet reaped."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found |= {int(child) for child in task.read_text().split()}
        except OSError:  # that thread, or the process, just ended
            continue
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return _state(pid) != "Z"
    except OSError:
        return False


def zombies() -> set[int]:
    """Children of this process that ended and were not reaped."""
    return {pid for pid in children(os.getpid()) if not alive(pid)}


def rss_mb(pid: int) -> float:
    """Resident memory in MB (10**6 bytes)."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_files() -> int:
    """How many descriptors this process holds."""
    return len(list(Path("/proc/self/fd").iterdir()))


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """Fails where the block leaves a descriptor open or a thread running."""
    files, threads = open_files(), set(threading.enumerate())
    yield
    # by what they are, not by their number: one of an earlier test may just end meanwhile
    assert not [thread.name for thread in threading.enumerate() if thread not in threads]
    assert open_files() == files


def wait_until(holds: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something holds; fails the test where it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.01)


def _state(pid: int) -> str:
    # the name in parentheses may hold anything, the state follows it
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
