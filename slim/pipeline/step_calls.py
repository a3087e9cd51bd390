"""The calls of a step, as functions that a child process can make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from slim.pipeline.step import Progress, Step, StepContext


def silent(done: int, total: int, note: str = "") -> None:
    """Report nowhere."""


def run_step(
    step: Step, before: Path, after: Path, work: Path, context: StepContext, *, progress: Progress
) -> None:
    """Run a step; see :meth:`slim.pipeline.step.Step.run`."""
    step.run(before, after, work, replace(context, progress=progress))


def estimate_steps(
    steps: Sequence[tuple[Step, StepContext]], before: Path, *, progress: Progress
) -> list[float]:
    """Seconds that each step will take, measured one after the other."""
    seconds = []
    for number, (step, context) in enumerate(steps, 1):
        seconds.append(float(step.estimate(before, context)))
        progress(number, len(steps), step.kind)
    return seconds
