"""Runs of measurements on the way to a release: each gone on with where it was left, and kept as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal, get_args

from deploy_tools.devices.base import Device
from deploy_tools.devices.find import find_devices
from deploy_tools.devices.settings import RunSettings
from deploy_tools.measurement.run import Run
from deploy_tools.results.export_file import write_export
from deploy_tools.results.imports.choice import read_results
from deploy_tools.results.opening import open_results
from deploy_tools.results.record import RunRecord
from deploy_tools.results.store import ResultsStore
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.execution import HostExecutor, Lost
from deploy_tools.scenarios.opening import model_hash
from deploy_tools.scenarios.plan import Plan, Unit
from deploy_tools.scenarios.planning import Wanted, plan_networks
from deploy_tools.scenarios.running import begin, carry_out
from deploy_tools.ship.beside import LastModels
from deploy_tools.ship.in_turn import is_torn, paired
from deploy_tools.ship.reporter import Bars, Ended, Reporter
from deploy_tools.ship.request import ShipRequest
from deploy_tools.ship.stopped import Objection, Stopped
from edge.bundle.bundle import Bundle, load_bundle
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import DeviceError, InputError, PredictorError
from edge.hashing import sha256_of
from slim.pipeline.folders import Slot

Scenario = Literal["parity", "latency"]
_FILE: Final = "run.json.gz"
_RUN: Final = "run.txt"
_STEPS: Final = 100
_COMMAND: Final = "ppocr-edge ship"
_JUDGING: Final = ("against", "beside", "tag", "threshold")
"""Of what is said of measuring, that which only says what comes of it."""


def measure(
    scenario: Scenario,
    folders: Sequence[Path],
    request: ShipRequest,
    reporter: Reporter,
    last: LastModels | None = None,
) -> tuple[Path, Ended]:
    """Measure all bundles on the devices that can run them.

    Args:
        scenario: What is measured.
        folders: Of the bundles.
        request: Names the devices.
        reporter: Told how far it is.
        last: Models that are measured in turn with these; None for these alone.

    Returns:
        The file with the run, and how it ended.

    Raises:
        PredictorError: Something could not be measured.
        DeviceError: A device is lost.
        Stopped: Outputs differ from what they should be.
    """
    bundles = [load_bundle(folder) for folder in folders]
    inputs = _inputs(scenario, bundles, request, last)
    slot = Slot(request.work / "runs" / scenario)
    kept = slot.record(inputs) is not None
    if not kept:
        with slot.making(inputs) as folder:
            record = _measure(scenario, bundles, request, slot.work / _RUN, reporter, last)
            write_export("ship", folder / _FILE, [record])
    file = slot.content / _FILE
    record = read_run(file)
    _check_outputs(record)
    return file, Ended(f"run {record.run.id}, {len(record.measurements)} cases", kept)


def was_measured(request: ShipRequest) -> bool:
    """Whether an earlier call has measured everything; maybe not what is asked for now."""
    return all((Slot(request.work / "runs" / one).content / _FILE).is_file() for one in get_args(Scenario))


def read_run(file: Path) -> RunRecord:
    """The run of a file that `measure` gave.

    Raises:
        InputError: It is damaged.
    """
    (record,) = read_results(file)
    return record


def _inputs(
    scenario: Scenario, bundles: Sequence[Bundle], request: ShipRequest, last: LastModels | None
) -> dict[str, Any]:
    """Everything that says what is measured; not what comes of it."""
    measuring = asdict(request.recipe.measuring)
    # outputs are compared with golden ones, for which the manifest vouches; times are of the model alone
    hash_of = model_hash if scenario == "latency" else lambda one: sha256_of(one.folder / MANIFEST_NAME)
    old = list(last.changed(bundles)) if last else []
    return {
        "scenario": scenario,
        "bundles": {bundle.folder.name: hash_of(bundle) for bundle in bundles},
        "measuring": {name: value for name, value in measuring.items() if name not in _JUDGING},
        "beside": {f"{one.manifest.task} for {one.nb.main_target}": model_hash(one) for one in old},
        "last": last.top if last and old else "",
    }


def _measure(
    scenario: Scenario,
    bundles: Sequence[Bundle],
    request: ShipRequest,
    note: Path,
    reporter: Reporter,
    last: LastModels | None,
) -> RunRecord:
    names = ",".join(request.recipe.measuring.devices)
    with reporter.measuring() as bars, open_results(request.results) as store:
        devices = find_devices(names, sending=bars.sending)
        try:
            plan = _plan(scenario, devices, bundles, request, last)
            run = _begun(note, plan, store)
            if run is None:
                run = begin(plan, store, command=_COMMAND)
                note.write_text(run.id)
            lost = _carry_out(run, plan, store, devices, bars)
        finally:
            for device in devices:
                device.close()
        if lost:
            raise DeviceError(lost[0].device, f"was lost: {lost[0].why}", "run the command again")
        for one in store.measurements(run.id):
            if not one.ok:
                where = f"{one.case.key} on {one.environment.device}"
                raise PredictorError(where, f"was not measured: {one.error}", "run the command again")
        return store.export_run(run.id)


def _plan(
    scenario: Scenario,
    devices: Sequence[Device],
    bundles: Sequence[Bundle],
    request: ShipRequest,
    last: LastModels | None,
) -> Plan:
    """Every device with the bundles that were converted for its kind of processor, in turn with last ones.

    Raises:
        InputError: A device runs none of them.
    """
    measuring = request.recipe.measuring
    conditions = Conditions(
        runs=measuring.runs,
        seconds=measuring.seconds,
        warmup=measuring.warmup,
        run_seconds=request.run_seconds,
        tolerance=measuring.tolerance,
    )
    settings = [RunSettings(threads=measuring.threads)]
    units: list[Unit] = []
    for device in devices:
        runs_on = frozenset((device.target or "").split(","))
        own = [bundle for bundle in bundles if bundle.nb.runs_on(runs_on)]
        if not own:
            raise InputError(
                f"--device {device.name}",
                f"runs {device.target}, and no model of this release is for that",
                "leave it out, or add a target that it can run",
            )
        old = [bundle for bundle in last.changed(own) if bundle.nb.runs_on(runs_on)] if last else []
        new_units, old_units = (
            plan_networks(scenario, [device], Wanted(some, settings), conditions).units for some in (own, old)
        )
        units += paired(new_units, old_units, last.top) if last else new_units
    return Plan(scenario, tuple(units), conditions)


def _begun(note: Path, plan: Plan, store: ResultsStore) -> Run | None:
    """The run that an earlier attempt began; None where there is none to go on with."""
    try:
        run = store.find(note.read_text())
    except (OSError, ValueError, InputError):
        return None
    return run if run.plan == plan.to_json() and not is_torn(plan, store.measured(run.id)) else None


def _carry_out(
    run: Run, plan: Plan, store: ResultsStore, devices: Sequence[Device], bars: Bars
) -> Sequence[Lost]:
    executor = HostExecutor({device.name: device for device in devices})
    left = Counter(unit.device for unit in plan.left(store.measured(run.id)))
    with ExitStack() as stack:
        told = {
            name: stack.enter_context(bars.work(f"measuring {run.scenario} on {name}", units * _STEPS))
            for name, units in left.items()
        }
        done = carry_out(run, plan, store, executor, lambda name, units: told[name](round(units * _STEPS)))
    return done.lost


def _check_outputs(record: RunRecord) -> None:
    """Nothing is packed that computes something else on a device."""
    objections = [
        Objection(f"{one.case.subject} on {one.environment.device}", one.verdict)
        for one in record.measurements
        if one.verdict
    ]
    if objections:
        remedies = [
            "use the library of the version that opt has ('ppocr-edge doctor DEVICE' looks)",
            "or write measure.tolerance, where the difference is one that rounding explains",
        ]
        raise Stopped("parity", objections, remedies)
