"""How many threads this host computes with where nobody says."""

from __future__ import annotations

import os
from typing import Final

MOST_THREADS: Final = 4
"""More make networks as small as these hardly faster."""


def usual_threads() -> int:
    """One for each processor that this process may use, up to `MOST_THREADS`."""
    return min(len(os.sched_getaffinity(0)), MOST_THREADS)
