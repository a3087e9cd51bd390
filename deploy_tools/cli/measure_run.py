"""What all of ``ppocr-edge measure`` do: begin a run or go on with one, show how far it is, and what came."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deploy_tools.cli.cluster_options import CLUSTER_NAMES
from deploy_tools.cli.console import remark
from deploy_tools.cli.device_bars import DeviceBars, device_bars
from deploy_tools.cli.measure_place import measure_place
from deploy_tools.cli.measure_view import print_done
from edge.errors import InputError, PpocrEdgeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploy_tools.devices.base import NamedDevice
    from deploy_tools.measurement.run import Run
    from deploy_tools.results.store import ResultsStore
    from deploy_tools.scenarios.execution import Executor
    from deploy_tools.scenarios.plan import Plan
    from deploy_tools.scenarios.running import Done

EXIT_DIFFERS: Final = 1
_STEPS: Final = 100  # of a bar, for each unit
MakePlan = Callable[["Sequence[NamedDevice]", str], "Plan"]
"""From devices and the inventory's file to a plan."""


def measure_command(scenario: str, options: Mapping[str, Any], named: object, make: MakePlan) -> int:
    """Measure what is asked for, or what a run has left.

    Args:
        scenario: Of the command.
        options: Values of `deploy_tools.cli.measure_options.measure_options`.
        named: What the user named to be measured; nothing goes together with ``--resume``.
        make: Makes the plan of a new run.

    Returns:
        The exit code: 2 where a case could not be measured; 1 where outputs differ.

    Raises:
        PpocrEdgeError: Nothing can be measured.
    """
    _check(scenario, options, named)
    with ExitStack() as stack:
        store = stack.enter_context(_store(options))
        bars = stack.enter_context(device_bars())
        place = stack.enter_context(measure_place(options, bars))
        run = None
        if options["resume"] is not None:
            assert store is not None  # noqa: S101  (checked: --no-save does not go together with it)
            run, plan = _left(scenario, store, options["resume"])
            inventory = options["inventory"] or (Path(plan.inventory) if plan.inventory else None)
            devices, executor = place.find(",".join(plan.devices), inventory)
        else:
            inventory = options["inventory"]
            devices, executor = place.find(options["device"], inventory)
            plan = make(devices, str(inventory.absolute()) if inventory else "")
        return _measure(plan, run, executor, devices, store, options, bars)


def _measure(
    plan: Plan,
    run: Run | None,
    executor: Executor,
    devices: Sequence[NamedDevice],
    store: ResultsStore | None,
    options: Mapping[str, Any],
    bars: DeviceBars,
) -> int:
    from deploy_tools.scenarios.memory import MemoryRecorder
    from deploy_tools.scenarios.running import begin, carry_out

    recorder = MemoryRecorder() if store is None else store
    if run is None:
        command = shlex.join(["ppocr-edge", *sys.argv[1:]])
        run = begin(plan, recorder, command=command, tags=options["tags"])
    with ExitStack() as stack:
        told = _Told(plan, recorder.measured(run.id), bars, stack)
        try:
            done = carry_out(run, plan, recorder, executor, told)
        except BaseException:
            if store is not None:
                measured = len(set(plan.cases) & store.measured(run.id))
                stack.close()
                _tell_how_to_go_on(
                    run, f"{measured} of {len(plan.cases)} cases are measured and kept", options
                )
            raise
    kept_in = "" if store is None else store.place.shown
    print_done(done, plan, devices, place=kept_in, as_json=options["as_json"])
    return _judge(done, store, options)


class _Told:
    """Bars of how far each device is."""

    def __init__(
        self,
        plan: Plan,
        measured: frozenset[tuple[str, str]],
        bars: DeviceBars,
        stack: ExitStack,
    ) -> None:
        self._bars: dict[str, Callable[[int], None]] = {}
        for name, units in Counter(unit.device for unit in plan.left(measured)).items():
            label = f"measuring on {name}" if len(plan.devices) > 1 else "measuring"
            self._bars[name] = stack.enter_context(bars.work(label, units * _STEPS))

    def __call__(self, device: str, done: float) -> None:
        self._bars[device](round(done * _STEPS))


def _judge(done: Done, store: ResultsStore | None, options: Mapping[str, Any]) -> int:
    run = done.run
    for lost in done.lost:
        left = f"; {lost.units} of its cases were not begun" if lost.units else ""
        remark(f"{lost.device} was lost: {lost.why}{left}")
    if store is not None and done.missing:
        cases = "case is" if done.missing == 1 else "cases are"
        _tell_how_to_go_on(run, f"{done.missing} {cases} not measured", options)
    if done.missing:
        return PpocrEdgeError.exit_code
    return EXIT_DIFFERS if any(one.verdict for one in done.measurements) else 0


def _tell_how_to_go_on(run: Run, what: str, options: Mapping[str, Any]) -> None:
    cluster = f" --cluster {options['cluster']}" if options["cluster"] else ""
    remark(f"{what}; go on with: ppocr-edge measure {run.scenario} --resume {run.id}{cluster}")


def _left(scenario: str, store: ResultsStore, reference: str) -> tuple[Run, Plan]:
    """The run that is meant, and its plan.

    Raises:
        InputError: There is none, or it is of another scenario.
    """
    from deploy_tools.results.tags import LAST
    from deploy_tools.scenarios.plan import plan_from_json

    if reference == LAST:
        newest = store.runs(limit=1, scenario=scenario)
        if not newest:
            raise InputError(
                "--resume last", f"{store.place.shown} has no run of measure {scenario}", "begin one"
            )
        run = newest[0].run
    else:
        run = store.find(reference)
    if run.scenario != scenario:
        raise InputError(
            f"--resume {reference}",
            f"is a run of {run.scenario}, not of measure {scenario}",
            f"use 'ppocr-edge measure {run.scenario} --resume {run.id}'"
            if run.scenario != "import"
            else "name a run that was measured",
        )
    return run, plan_from_json(run.plan, f"--resume {reference}")


def _check(scenario: str, options: Mapping[str, Any], named: object) -> None:
    """Make sure that options go together.

    Raises:
        InputError: They do not, or nothing is to be measured.
    """
    if options["resume"] is None:
        if not named:
            raise InputError(
                f"measure {scenario}",
                "names nothing to measure",
                f"see 'ppocr-edge measure {scenario} --help'",
            )
        return
    context = click.get_current_context()
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if isinstance(parameter, click.Option)
        and parameter.name not in ("resume", "results", "as_json", "inventory", *CLUSTER_NAMES)
        and context.get_parameter_source(str(parameter.name)) is click.core.ParameterSource.COMMANDLINE
    ]
    if named or given:
        what = given[0] if given else "what to measure"
        raise InputError(
            f"--resume {options['resume']}",
            f"does not go together with {what}: the run knows all that",
            "leave that out, or begin a new run",
        )


@contextmanager
def _store(options: Mapping[str, Any]) -> Iterator[ResultsStore | None]:
    if options["no_save"]:
        if options["tags"]:
            raise InputError("--tag", "does not go together with --no-save", "choose one")
        yield None
        return
    from deploy_tools.results.opening import open_results
    from deploy_tools.results.tags import check_tag

    for tag in options["tags"]:
        check_tag(tag)
    with open_results(options["results"], create=options["resume"] is None) as store:
        yield store
