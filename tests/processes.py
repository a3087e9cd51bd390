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
        return state(pid) != "Z"
    except OSError:
        return False


def state(pid: int) -> str:
    """The letter by which the system tells what a process does: ``T`` stands still, ``Z`` has ended.

    Raises:
        OSError: It is gone.
    """
    # the name in parentheses may hold anything, the state follows it
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def command_line(pid: int) -> list[str]:
    """The words of a process; none where it has just ended."""
    try:
        text = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return []
    return text.split("\0")[:-1]


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
    """Fails where the block leaves a descriptor open or a thread running.

    What is about to end has a moment for it: on a busy machine it may not have had its turn yet.
    """
    files, threads = _descriptors(), set(threading.enumerate())
    yield
    # by what they are, not by their number: one of an earlier test may just end meanwhile
    end = time.monotonic() + 5
    while (set(threading.enumerate()) - threads or _descriptors() - files) and time.monotonic() < end:
        time.sleep(0.01)
    assert not [thread.name for thread in threading.enumerate() if thread not in threads]
    assert _descriptors() - files == set()


def wait_until(holds: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something holds; fails the test where it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.01)


def _descriptors() -> set[tuple[str, str]]:
    """Descriptors of this process, and what each leads to."""
    found = set()
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  (numbers, not paths)
        with contextlib.suppress(OSError):  # the one that the folder was read by
            found.add((name, os.readlink(f"/proc/self/fd/{name}")))  # noqa: PTH115
    return found
