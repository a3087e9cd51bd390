"""Batches made ahead in a thread, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
AHEAD = 3


def prefetched(make: Callable[[int], T], first: int, last: int) -> Iterator[T]:
    """``make(first) … make(last - 1)``, each made while its predecessors are used.

    Args:
        make: Gives the batch of a step; depends on the step alone.
        first: First step.
        last: Step after the last.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as pool:
        waiting = [pool.submit(make, step) for step in range(first, min(first + AHEAD, last))]
        try:
            for step in range(first, last):
                batch = waiting.pop(0).result()
                if step + AHEAD < last:
                    waiting.append(pool.submit(make, step + AHEAD))
                yield batch
        finally:
            for one in waiting:
                one.cancel()
