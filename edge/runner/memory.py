"""Memory of this process, read and given back."""

from __future__ import annotations

import ctypes
import os
import resource


def peak_rss_mb() -> float:
    """Highest resident memory of this process so far, in MB (10**6 bytes).

    Not ``getrusage``: its figure survives ``exec``, so a child would report the memory of the parent it was
    forked from.
    """
    with open("/proc/self/status") as status:  # noqa: PTH123
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def rss_mb() -> float:
    """Resident memory of this process now, in MB."""
    with open("/proc/self/statm") as statm:  # noqa: PTH123  (a hot path: Path costs more than the read)
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def give_back_memory() -> None:
    """Return freed memory to the system; glibc alone keeps most of a closed predictor's."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):  # not glibc (musl, Android): nothing to be done
        return
