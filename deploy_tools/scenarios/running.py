"""A run from its beginning, or from where it was left, to its end."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

import edge
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Recorder, Run, new_run_id
from deploy_tools.scenarios.execution import Executor, Lost, Told
from deploy_tools.scenarios.plan import Plan


@dataclass(frozen=True)
class Done:
    """What came of a run, or of going on with it.

    Attributes:
        run: The run.
        measurements: What was measured now, and what failed, in the order of the plan.
        lost: Devices that could not be reached any more.
        before: How many cases were measured before.
        missing: How many cases are still not measured.
    """

    run: Run
    measurements: Sequence[Measurement]
    lost: Sequence[Lost]
    before: int
    missing: int


def begin(plan: Plan, recorder: Recorder, *, command: str = "", tags: Sequence[str] = ()) -> Run:
    """Begin a run: from now on it can be gone on with.

    Args:
        plan: What it measures.
        recorder: Who keeps it.
        command: The command line, for people.
        tags: Names for it.
    """
    run = Run(
        id=new_run_id(),
        scenario=plan.scenario,
        started=datetime.now(timezone.utc),
        host=platform.node(),
        command=command,
        plan=plan.to_json(),
        tags=tuple(tags),
        version=edge.__version__,
    )
    recorder.begin(run)
    return run


def carry_out(
    run: Run, plan: Plan, recorder: Recorder, executor: Executor, told: Told = lambda _device, _done: None
) -> Done:
    """Measure what of a run is not measured yet, and keep each measurement at once.

    Args:
        run: The run.
        plan: Of the run.
        recorder: Who keeps it.
        executor: Who has it measured.
        told: See `deploy_tools.scenarios.execution.Told`.
    """
    before = recorder.measured(run.id)
    measured: list[Measurement] = []
    keep = _keeper(run, recorder, measured)
    lost = executor.execute(plan.left(before), keep, told)
    missing = set(plan.cases) - recorder.measured(run.id)
    if not lost:  # what failed, failed for good
        recorder.finish(run.id)
    order = {case: number for number, case in enumerate(plan.cases)}
    measured.sort(key=lambda one: order[one.environment.device, one.case.key])
    return Done(run, measured, lost, len(before & set(plan.cases)), len(missing))


def _keeper(run: Run, recorder: Recorder, measured: list[Measurement]) -> Callable[[Measurement], None]:
    turn = threading.Lock()

    def keep(measurement: Measurement) -> None:
        recorder.add(run.id, measurement)
        with turn:
            measured.append(measurement)

    return keep
