"""What is being done, what is still to do, and how long that will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from slim.pipeline.step import Progress

Status = Literal["waiting", "running", "done", "kept"]


class Reporter(Protocol):
    """Shows a run to whoever waits for it. Called from the thread that runs."""

    def began(self, schedule: Schedule) -> None:
        """The schedule is known; estimates may still be missing."""

    def changed(self, stage: Stage) -> None:
        """A stage began, went on or ended."""

    def note(self, text: str) -> None:
        """Something worth a line."""


class Silent:
    """Shows nothing."""

    def began(self, schedule: Schedule) -> None:
        """Nothing."""

    def changed(self, stage: Stage) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


@dataclass
class Stage:
    """One part of a run.

    Attributes:
        key: Its name in the program.
        label: Its name for people.
        estimate: Seconds it should take from its beginning; None where not known.
        status: ``kept``: was finished by an earlier run.
        done: Iterations so far.
        total: Of so many; 0 where not known.
        note: What it said last.
        seconds: It took, once it is over.
    """

    key: str
    label: str
    estimate: float | None = None
    status: Status = "waiting"
    done: int = 0
    total: int = 0
    note: str = ""
    seconds: float = 0.0
    _began: float = field(default=0.0, repr=False)
    _first: tuple[float, int] | None = field(default=None, repr=False)

    def begin(self) -> None:
        """It runs from now on."""
        self.status, self._began, self._first = "running", time.monotonic(), None

    def advance(self, done: int, total: int, note: str = "") -> None:
        """It came so far."""
        if self._first is None:  # an interrupted step begins where it was, which says nothing of its speed
            self._first = (time.monotonic(), done)
        self.done, self.total, self.note = done, total, note

    def end(self, *, kept: bool = False) -> None:
        """It is over."""
        self.seconds = 0.0 if kept else self.elapsed
        self.status = "kept" if kept else "done"

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began if self.status == "running" else self.seconds

    @property
    def left(self) -> float | None:
        """Seconds until it is over; None where nothing is known."""
        if self.status in ("done", "kept"):
            return 0.0
        if self.status == "running" and self._first is not None:
            since, first = self._first
            if self.done > first and self.total:
                return (time.monotonic() - since) / (self.done - first) * max(0, self.total - self.done)
        if self.estimate is None:
            return None
        return max(0.0, self.estimate - self.elapsed)


class Schedule:
    """All stages of a run, in their order.

    Args:
        stages: What is to do.
        changed: Called whenever a stage changes.
    """

    def __init__(self, stages: Sequence[Stage], changed: Callable[[Stage], None]) -> None:
        self.stages = list(stages)
        self._changed = changed

    def __getitem__(self, key: str) -> Stage:
        return next(stage for stage in self.stages if stage.key == key)

    @property
    def left(self) -> float:
        """Seconds until everything is over, without what is unknown."""
        return sum(stage.left or 0.0 for stage in self.stages)

    @property
    def certain(self) -> bool:
        """Whether the time of every stage is known."""
        return all(stage.left is not None for stage in self.stages)

    @contextmanager
    def running(self, key: str) -> Iterator[Progress]:
        """A stage runs during the block, and takes its progress."""
        stage = self[key]
        stage.begin()
        self._changed(stage)

        def progress(done: int, total: int, note: str = "") -> None:
            stage.advance(done, total, note)
            self._changed(stage)

        yield progress
        stage.end()
        self._changed(stage)

    def keep(self, key: str) -> None:
        """A stage was finished by an earlier run."""
        self[key].end(kept=True)
        self._changed(self[key])
