"""What the quick benchmark found, as a run that can be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

import numpy as np

from deploy_tools.bench import BenchResult
from deploy_tools.devices.base import Device
from deploy_tools.devices.settings import USUAL
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Recorder, Run
from deploy_tools.measurement.series import FIRST, LOAD, RUN, WARMUP, Series
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.opening import model_hash
from deploy_tools.scenarios.plan import Plan
from deploy_tools.scenarios.planning import Wanted, plan_networks
from deploy_tools.scenarios.running import begin
from deploy_tools.scenarios.workplace import Workplace
from edge.bundle.bundle import Bundle


def as_measurement(result: BenchResult, case: Case, bundle: Bundle, device: Device) -> Measurement:
    """A result, with what its device is. Nobody looked for what disturbed its samples, so none are flagged.

    Args:
        result: What was measured.
        case: As it is kept.
        bundle: It was measured with.
        device: Still connected, or can be again.

    Raises:
        DeviceError: The device cannot be reached.
    """
    library, _, version = result.library.partition(" ")
    info: Mapping[str, str] = {"library": library, "library_version": version}
    series = {
        LOAD: [result.load_ms],
        FIRST: [result.first_ms],
        WARMUP: list(result.warmup_ms),
        RUN: list(result.samples_ms),
    }
    return Measurement(
        case=case,
        environment=Workplace(device).environment(info, USUAL, bundle.nb.opt_version),
        started=datetime.now(timezone.utc),
        seconds=(result.load_ms + result.first_ms + sum(result.warmup_ms) + sum(result.samples_ms)) / 1000,
        series={name: Series(name, np.array(values, np.float64)) for name, values in series.items()},
        peak_rss_mb=result.peak_rss_mb or None,
        inputs={str(bundle.manifest.task): model_hash(bundle)},
    )


def plan_bench(devices: Sequence[Device], wanted: Wanted) -> Plan:
    """The cases of the quick benchmark; it measures them itself.

    Raises:
        InputError: A bundle is named twice.
    """
    return plan_networks("latency", devices, wanted, Conditions())


def keep_bench(
    plan: Plan, recorder: Recorder, measured: Sequence[Measurement], *, command: str, tags: Sequence[str]
) -> Run:
    """Keep results as a run.

    Args:
        plan: See `plan_bench`.
        recorder: Who keeps them.
        measured: The results.
        command: The command line.
        tags: Names for the run.
    """
    run = begin(plan, recorder, command=command, tags=tags)
    for one in measured:
        recorder.add(run.id, one)
    if len(measured) == len(plan.cases):
        recorder.finish(run.id)
    return run
