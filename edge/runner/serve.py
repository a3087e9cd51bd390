"""Answering requests over standard input and output until the input ends."""

from __future__ import annotations

import ctypes
import os
import resource
import time
from collections.abc import Sequence
from typing import Any, Protocol

from edge.predictor.frames import Channel, FrameError
from edge.predictor.protocol import Array


class Engine(Protocol):
    """A loaded network."""

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run it once."""
        ...

    def describe(self) -> dict[str, Any]:
        """Library, its version, input and output names, load time in ms."""
        ...


def claim_stdout() -> int:
    """Keep standard output for ourselves: a descriptor for it, while what the library prints goes to stderr.

    Paddle-Lite and Paddle print to standard output at will, which would break the frames and the report.
    """
    own = os.dup(1)
    os.dup2(2, 1)
    return own


def forbid_core_files() -> None:
    """Paddle-Lite aborts on bad input; a core file of 1 GB for every one would be no help to anyone."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(engine: Engine, sink: int) -> None:
    """Greet, then answer ``run`` requests until standard input ends.

    A request that the engine refuses with ValueError is answered with ``error``; the conversation goes on.
    """
    channel = Channel(0, sink)
    channel.send({**engine.describe(), "peak_rss_mb": peak_rss_mb()})
    while True:
        try:
            _, inputs = channel.receive()
        except FrameError:
            return
        start = time.perf_counter()
        try:
            outputs = engine.run(inputs)
        except ValueError as error:
            channel.send({"error": str(error)})
            continue
        milliseconds = (time.perf_counter() - start) * 1000
        channel.send({"ms": milliseconds, "peak_rss_mb": peak_rss_mb()}, outputs)


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
