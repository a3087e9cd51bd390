"""Several processes that share the batch of every step.

Paddle's training kernels for small convolutions do not gain from threads: two were slower than one on every
network of the zoo. So the batch is split. Every process runs the network forward and back on its part, and
the means of gradients and running statistics are taken. The number of parts belongs to the recipe, not to
the machine: the same parts give the same result on any number of cores.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np
import paddle

from edge.errors import PpocrEdgeError, TrainingError
from slim.training.flat import Flat, flat_gradients, flat_state, set_flat_gradients, set_flat_state
from slim.training.prefetch import prefetched
from slim.training.task import Job, Task

TIME_LIMIT: Final = 600.0
"""Seconds in which a helper must have loaded its data, or answered a step."""


def use_one_thread() -> None:
    """Let this process, and helpers it starts, compute with one thread each."""
    paddle.framework.core.set_num_threads(1)
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"


class Team:
    """This process and its helpers.

    Use as a context manager; the helpers end with it, and when this process dies.

    Args:
        task: What to build in every process.
        parts: How many parts a batch has; as many processes.
        first: First step whose batch is wanted.
        last: Step after the last.
    """

    def __init__(self, task: Task, parts: int, first: int, last: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._helpers: list[tuple[Any, Connection]] = []
        try:
            for part in range(1, parts):
                ours, theirs = context.Pipe()
                process = context.Process(target=_help, args=(task, part, first, last, theirs), daemon=True)
                process.start()
                theirs.close()
                self._helpers.append((process, ours))
            self.job: Job = task.build()
            self.parameters = [one for one in self.job.network.parameters() if not one.stop_gradient]
            self._batches = prefetched(lambda step: self.job.batch(step, 0), first, last)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def gradients(self) -> float:
        """Run the next step's batch; afterwards the gradients are those of all its parts.

        Returns:
            The mean loss.

        Raises:
            TrainingError: A helper died or hung.
        """
        network = self.job.network
        if self._helpers:
            state = flat_state(network)
            for _, connection in self._helpers:
                _send(connection, state)
        loss = _forward_and_back(self.job, next(self._batches))
        if not self._helpers:
            return loss
        answers = [(flat_state(network), flat_gradients(self.parameters), loss)]
        answers += [self._answer(process, connection) for process, connection in self._helpers]
        states, gradients, losses = zip(*answers, strict=True)
        # weights are the same in all parts, running statistics are not
        set_flat_state(network, np.mean(states, axis=0, dtype=np.float64).astype(np.float32))
        set_flat_gradients(self.parameters, np.mean(gradients, axis=0, dtype=np.float64).astype(np.float32))
        return float(np.mean(losses))

    def _answer(self, process: Any, connection: Connection) -> tuple[Flat, Flat, float]:
        try:
            if not connection.poll(TIME_LIMIT):
                raise TrainingError(
                    "training",
                    f"a helper process did not answer for {TIME_LIMIT:g} s",
                    "start again: it resumes",
                )
            answer = connection.recv()
        except (EOFError, OSError):
            process.join(5)
            raise TrainingError(
                "training", f"a helper process died (exit code {process.exitcode})", "start again: it resumes"
            ) from None
        if isinstance(answer, PpocrEdgeError):
            raise answer
        state, gradients, loss = answer
        return state, gradients, loss

    def close(self) -> None:
        """End the helpers."""
        for process, connection in self._helpers:
            connection.close()
            process.kill()
            process.join()
        self._helpers = []


def _send(connection: Connection, state: Flat) -> None:
    with suppress(OSError):  # the answer will not come either, and says why
        connection.send(state)


def _forward_and_back(job: Job, batch: Any) -> float:
    loss = job.loss(job.network, batch)
    loss.backward()
    return float(loss)


def _help(task: Task, part: int, first: int, last: int, connection: Connection) -> None:
    """What a helper process does until the connection closes."""
    # Ctrl-C reaches the whole group: the main process ends its helpers itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        job = task.build()
        parameters = [one for one in job.network.parameters() if not one.stop_gradient]
        job.network.train()
        for batch in prefetched(lambda step: job.batch(step, part), first, last):
            set_flat_state(job.network, connection.recv())
            loss = _forward_and_back(job, batch)
            connection.send((flat_state(job.network), flat_gradients(parameters), loss))
            for one in parameters:
                one.clear_gradient(set_to_zero=False)
    except PpocrEdgeError as error:
        connection.send(error)
    except (EOFError, OSError):
        pass  # the main process is gone
    finally:
        # without waiting for the thread that makes batches
        os._exit(0)
