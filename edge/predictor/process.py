"""A predictor in a child process: started when needed, checked, timed, and explained when it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

import edge
from edge.errors import PredictorCrashedError, PredictorError, PredictorTimeoutError
from edge.failures.explain import explain
from edge.predictor.frames import Channel, FrameError, FrameTimeoutError
from edge.predictor.protocol import Array
from edge.predictor.spec import InputSpec, check_inputs

LAST_WORDS: Final = 64 * 1024
"""So many bytes of the child's stderr are kept for the explanation."""


class ProcessPredictor:
    """Runs one network in a child process that speaks the runner's frames.

    The process starts with the first run. When it dies, the run that killed it fails and the next run starts
    another, so one bad input never costs a whole batch.

    Args:
        name: What the user calls the model, for messages.
        command: The child's program and arguments.
        inputs: What the network takes.
        run_seconds: Time limit of one run.
        load_seconds: Time limit of start and load.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        inputs: Sequence[InputSpec],
        *,
        run_seconds: float = 120.0,
        load_seconds: float = 120.0,
    ) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self.run_seconds = run_seconds
        self.load_seconds = load_seconds
        self._command = list(command)
        self._child: _Child | None = None
        self._closed = False
        self._last_run: Mapping[str, Any] = {}
        self._peak_rss_mb = 0.0

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run the network once; see :class:`edge.predictor.protocol.Predictor`."""
        check_inputs(self.inputs, inputs)
        if self._closed:
            raise PredictorError(self.name, "is closed", "open it again")
        child = self._start()
        deadline = time.monotonic() + self.run_seconds
        self._last_run, outputs = self._ask(child, {"op": "run"}, inputs, deadline, self.run_seconds)
        self._peak_rss_mb = max(self._peak_rss_mb, float(self._last_run.get("peak_rss_mb", 0.0)))
        for index, output in enumerate(outputs):
            # one NaN makes the sum NaN: cheaper than looking at every element
            if np.issubdtype(output.dtype, np.floating) and not np.isfinite(output.sum(dtype=np.float64)):
                raise PredictorError(
                    self.name,
                    f"output {index} contains NaN or infinity",
                    "this library does not compute the model correctly; INT8 models need an ARM device",
                )
        return outputs

    @property
    def info(self) -> Mapping[str, Any]:
        """What the child said when it had loaded the model: library version, load time in ms."""
        return self._start().greeting

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

    def _start(self) -> _Child:
        if self._child is None:
            child = self._child = _Child(self._command)
            deadline = time.monotonic() + self.load_seconds
            child.greeting, _ = self._ask(child, None, (), deadline, self.load_seconds)
        return self._child

    def _ask(
        self,
        child: _Child,
        request: dict[str, Any] | None,
        tensors: Sequence[Array],
        deadline: float,
        limit: float,
    ) -> tuple[dict[str, Any], list[Array]]:
        try:
            if request is not None:
                child.channel.send(request, tensors, deadline=deadline)
            header, outputs = child.channel.receive(deadline=deadline)
        except FrameTimeoutError:
            self._end()
            raise PredictorTimeoutError(
                self.name,
                f"no answer within {limit:g} s, process ended",
                "raise --time-limit, or use smaller images",
            ) from None
        except FrameError as error:
            raise self._death(str(error)) from None
        except BaseException:  # Ctrl-C in the middle of an answer: the conversation is out of step
            self._end()
            raise
        if "error" in header:
            raise PredictorError(self.name, str(header["error"]), str(header.get("remedy", "")))
        return header, outputs

    def _death(self, last_seen: str) -> PredictorCrashedError:
        child = self._child
        self._child = None
        if child is None:
            return PredictorCrashedError(self.name, last_seen)
        code, words = child.end(grace=5.0)
        failure = explain(words, code)
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        if failure is not None:
            return PredictorCrashedError(self.name, f"{failure.cause} ({how})", failure.remedy)
        tail = words.strip().splitlines()[-1:] or [last_seen]
        return PredictorCrashedError(self.name, f"the inference process {how}: {tail[0][:300]}")

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end(grace=0.0)


class _Child:
    """The process, its channel and its last words."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
            start_new_session=True,  # Ctrl-C is ours to handle; the whole group is ended together
        )
        assert self.process.stdin is not None  # noqa: S101  (PIPE was asked for)
        assert self.process.stdout is not None  # noqa: S101
        assert self.process.stderr is not None  # noqa: S101
        self.channel = Channel(self.process.stdout.fileno(), self.process.stdin.fileno())
        self.greeting: Mapping[str, Any] = {}
        self._words = bytearray()
        self._listener = threading.Thread(target=self._listen, args=(self.process.stderr,), daemon=True)
        self._listener.start()

    def _listen(self, stderr: IO[bytes]) -> None:
        while data := os.read(stderr.fileno(), 1 << 14):
            self._words += data
            del self._words[:-LAST_WORDS]

    def end(self, grace: float) -> tuple[int, str]:
        """End the process: its exit code (negative: signal) and its last words.

        Args:
            grace: Seconds to wait for it to end by itself, so that its own exit code is seen.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        code = self.process.wait()
        self._listener.join(timeout=2.0)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return code, self._words.decode(errors="replace")


def child_environment() -> dict[str, str]:
    """The environment of a child that imports this package: found wherever this one was."""
    here = str(Path(edge.__file__).resolve().parent.parent)
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{path}" if path else here}


def python_command(module: str, *arguments: str) -> list[str]:
    """The command line of a module of this project in a Python of its own."""
    return [sys.executable, "-m", module, *arguments]
