"""Answering requests over standard input and output until the input ends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

from edge.predictor.frames import MOST_RUNS, Channel, ChannelClosedError, FrameError
from edge.predictor.protocol import Array
from edge.runner.error import RunnerError
from edge.runner.memory import peak_rss_mb
from edge.runner.scheduling import WaitClock, allowed_cores


class Engine(Protocol):
    """A loaded network."""

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run it once.

        Raises:
            ValueError: The inputs do not suit; the engine is as it was.
        """
        ...

    def describe(self) -> dict[str, Any]:
        """Library, its version, input and output names, load time in ms."""
        ...


def serve(engine: Engine, sink: int) -> None:
    """Greet, then answer requests (`edge.predictor.frames`) until standard input ends.

    A request that the engine refuses with ValueError is answered with ``error``; the conversation goes on.

    Raises:
        RunnerError: Something else than a frame came, or the input ended in the middle of one. Where the next
            one would begin cannot be known, so the conversation is over.
    """
    channel = Channel(0, sink)
    try:
        channel.send({**engine.describe(), "cores": allowed_cores(), "peak_rss_mb": peak_rss_mb()})
        while True:
            request, inputs = channel.receive()
            channel.send(*_answer(engine, request, inputs))
    except FrameError as error:
        if not isinstance(error, ChannelClosedError) or error.in_frame:
            raise RunnerError(f"standard input: {error}") from None


def _answer(
    engine: Engine, request: dict[str, Any], inputs: Sequence[Array]
) -> tuple[dict[str, Any], Sequence[Array]]:
    if request.get("op") != "run":
        return {"error": f"unknown op {request.get('op')!r:.60}, known is 'run'"}, ()
    runs = request.get("runs", 1)
    if type(runs) is not int or not 1 <= runs <= MOST_RUNS:
        return {"error": f"runs is no number of 1 to {MOST_RUNS}"}, ()
    times: list[float] = []
    waits: list[float] = []
    clock = WaitClock() if "runs" in request else None
    try:
        for _ in range(runs):
            waited = clock.ms() if clock else None
            start, busy = time.perf_counter(), time.process_time()
            outputs = engine.run(inputs)
            times.append((time.perf_counter() - start) * 1000)
            cpu_ms = (time.process_time() - busy) * 1000
            if clock and waited is not None:
                waits.append(max(0.0, (clock.ms() or 0.0) - waited))
    except ValueError as error:
        return {"error": str(error)}, ()
    finally:
        if clock:
            clock.close()
    all_of_them = {"runs_ms": times, "waits_ms": waits} if clock else {}
    return {"ms": times[-1], "cpu_ms": cpu_ms, **all_of_them, "peak_rss_mb": peak_rss_mb()}, outputs
