"""A predictor in a process of its own: started when needed, checked, timed, and explained when it dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from edge.errors import PredictorCrashedError, PredictorError, PredictorTimeoutError
from edge.failures.explain import explain
from edge.predictor.child import Child, Ending, SpeakingProcess, child_environment, python_command
from edge.predictor.frames import MOST_RUNS, ChannelClosedError, FrameError, FrameTimeoutError
from edge.predictor.protocol import Array
from edge.predictor.spec import InputSpec, check_inputs

__all__ = ["ProcessPredictor", "child_environment", "explain_death", "python_command"]

# seconds for a process that closed its pipe to be gone, so that its exit code is its own
_DYING_SECONDS = 5.0


class ProcessPredictor:
    """Runs one network in a process, here or on a device, that speaks the runner's frames.

    The process starts with the first run, or with `start`. When it dies, the run that killed it fails and the
    next run starts another, so one bad input never costs a whole batch.

    Args:
        name: What the user calls the model, for messages.
        start: Program and arguments of a child process; or what starts a process anywhere else, and raises
            OSError or an error of its own where it cannot.
        inputs: What the network takes.
        run_seconds: Time limit of one run.
        load_seconds: Time limit of start and load.
        accept: Looks at the greeting of every process before it is used; raises where it does not suit.
        explain: From how the process ended to the cause and a remedy.
        place: Where the process runs, for messages.
    """

    def __init__(
        self,
        name: str,
        start: Sequence[str] | Callable[[], SpeakingProcess],
        inputs: Sequence[InputSpec],
        *,
        run_seconds: float = 120.0,
        load_seconds: float = 120.0,
        accept: Callable[[Mapping[str, Any]], None] = lambda _: None,
        explain: Callable[[Ending], tuple[str, str]] | None = None,
        place: str = "this machine",
    ) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self.run_seconds = run_seconds
        self.load_seconds = load_seconds
        self._place = place
        self._start = start if callable(start) else _child_starter(start)
        self._accept = accept
        self._explain = explain or explain_death
        self._child: SpeakingProcess | None = None
        self._closed = False
        self._last_run: Mapping[str, Any] = {}
        self._peak_rss_mb = 0.0
        self._turn = threading.Lock()  # the conversation goes strictly in turns

    def start(self) -> None:
        """Start the process without waiting for it, so that several can load at the same time.

        Raises:
            PredictorError: The predictor is closed, or the process cannot be started.
        """
        with self._turn:
            self._spawn()

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run the network once; see :class:`edge.predictor.protocol.Predictor`."""
        return self._run(inputs, {"op": "run"}, self.run_seconds)

    def measure(self, inputs: Sequence[Array], runs: int) -> Sequence[float]:
        """Run the network so often, one run right after the other, with nothing sent between them.

        Args:
            inputs: As for `run`.
            runs: How often, at the most; a runner may do less at once.

        Returns:
            Time of every run inside the process, in ms.
        """
        runs = min(max(runs, 1), MOST_RUNS)
        # a process that hangs is not waited for as long as so many runs might take at the worst
        each = min(float(self._last_run.get("ms", 1e6)) / 100, self.run_seconds)
        self._run(inputs, {"op": "run", "runs": runs}, self.run_seconds + each * (runs - 1))
        times = self._last_run.get("runs_ms", [self._last_run.get("ms", 0.0)])
        return [float(ms) for ms in times]

    @property
    def waits_ms(self) -> Sequence[float]:
        """How long others kept each run of the last `measure` from the processor, in ms; empty: unknown."""
        waits = [float(ms) for ms in self._last_run.get("waits_ms", ())]
        return waits if len(waits) == len(self._last_run.get("runs_ms", ())) else []

    def _run(self, inputs: Sequence[Array], request: dict[str, Any], limit: float) -> list[Array]:
        check_inputs(self.inputs, inputs)
        with self._turn:
            child = self._ready()
            self._last_run, outputs = self._ask(child, request, inputs, limit)
            self._note_memory(self._last_run)
        for index, output in enumerate(outputs):
            # one NaN makes the sum NaN: cheaper than looking at every element
            if np.issubdtype(output.dtype, np.floating) and not _is_finite(output):
                raise PredictorError(
                    self.name,
                    f"output {index} contains NaN or infinity",
                    "this library does not compute the model correctly; INT8 models need an ARM device",
                )
        return outputs

    @property
    def info(self) -> Mapping[str, Any]:
        """What the child said when it had loaded the model: library version, load time in ms."""
        with self._turn:
            greeting = self._ready().greeting
        assert greeting is not None  # noqa: S101  (_ready waits for it)
        return greeting

    @property
    def seconds(self) -> float:
        """Time the last run took inside the child, without the transport."""
        return float(self._last_run.get("ms", 0.0)) / 1000

    @property
    def peak_rss_mb(self) -> float:
        """Highest resident memory any child of this predictor reported so far, in MB (10**6 bytes)."""
        return self._peak_rss_mb

    def close(self) -> None:
        """End the child process."""
        self._closed = True
        self._end()

    def __enter__(self) -> ProcessPredictor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _spawn(self) -> SpeakingProcess:
        if self._closed:
            raise PredictorError(self.name, "is closed", "open it again")
        if self._child is None:
            try:
                self._child = self._start()
            except OSError as error:
                raise PredictorError(
                    self.name,
                    f"its process cannot be started ({error.strerror})",
                    "close other programs, or raise the limits of processes, files and memory ('ulimit -a')",
                ) from None
        return self._child

    def _ready(self) -> SpeakingProcess:
        child = self._spawn()
        if child.greeting is None:
            greeting, _ = self._ask(child, None, (), self.load_seconds)
            self._note_memory(greeting)
            try:
                self._accept(greeting)
            except BaseException:
                self._end()
                raise
            child.greeting = greeting
        return child

    def _ask(
        self, child: SpeakingProcess, request: dict[str, Any] | None, tensors: Sequence[Array], limit: float
    ) -> tuple[dict[str, Any], list[Array]]:
        deadline = time.monotonic() + limit
        loading = child.greeting is None
        try:
            if request is not None:
                child.channel.send(request, tensors, deadline=deadline)
            header, outputs = child.channel.receive(deadline=deadline)
        except FrameTimeoutError:
            self._end()
            raise PredictorTimeoutError(
                self.name,
                f"{'not loaded' if loading else 'no answer'} within {limit:g} s, process ended",
                f"see whether {self._place} is busy or short of memory, and run it again"
                if loading
                else "raise --time-limit, or use smaller images",
            ) from None
        except ChannelClosedError:
            raise self._death(child) from None
        except FrameError as error:
            self._end()
            raise PredictorError(
                self.name,
                f"the inference process sent something else than an answer ({error}), and was ended",
                "run it again; if it happens again, look for a library that writes to its standard output",
            ) from None
        except BaseException:  # Ctrl-C in the middle of an answer: the conversation is out of step
            self._end()
            raise
        if "error" in header:
            raise PredictorError(self.name, str(header["error"]))
        return header, outputs

    def _note_memory(self, header: Mapping[str, Any]) -> None:
        self._peak_rss_mb = max(self._peak_rss_mb, float(header.get("peak_rss_mb", 0.0)))

    def _death(self, child: SpeakingProcess) -> PredictorCrashedError:
        self._child = None
        ending = child.end(grace=_DYING_SECONDS)
        cause, remedy = self._explain(ending)
        return PredictorCrashedError(self.name, cause, remedy)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end(grace=0.0)


def _child_starter(command: Sequence[str]) -> Callable[[], SpeakingProcess]:
    words = list(command)
    return lambda: Child(words)


def _is_finite(output: Array) -> bool:
    with np.errstate(invalid="ignore"):  # infinities of both signs
        return bool(np.isfinite(output.sum(dtype=np.float64)))


def explain_death(ending: Ending) -> tuple[str, str]:
    """Why a process that ran Paddle-Lite ended, and what helps."""
    failure = explain(ending.words, ending.code if ending.by_itself else None)
    if failure is not None:
        return f"{failure.cause} ({ending})", failure.remedy
    last = ending.words.strip().splitlines()[-1:] or ["it said nothing"]
    return f"the inference process {ending}: {last[0][:300]}", "run it again"
