"""Going the whole way: step by step, each kept when it is done, so that the next call goes on there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from deploy_tools.conversion.source import ModelSource
from deploy_tools.release.contents.policy import Pass
from deploy_tools.release.gathering import Gathered, gather
from deploy_tools.release.package import Written, write_release
from deploy_tools.release.trust.verify import Verified, verify_release, verify_unsigned
from deploy_tools.ship.beside import LastModels, unpack, verify_beside
from deploy_tools.ship.bundles import convert, processors
from deploy_tools.ship.device_checks import check_devices
from deploy_tools.ship.early_checks import check_request
from deploy_tools.ship.gates import judge_gates
from deploy_tools.ship.in_turn import InTurn
from deploy_tools.ship.last_release import compare_with_last, name_run
from deploy_tools.ship.measured_runs import Scenario, measure, read_run
from deploy_tools.ship.recipe import ShippedModel, SlimModel
from deploy_tools.ship.reporter import Ended, Reporter, Silent, StepLine, Took, Verb
from deploy_tools.ship.request import ShipRequest
from deploy_tools.ship.small_models import (
    check_ready_model,
    make_small,
    pull,
    ready_source,
    slim_request,
    wanted_models,
)
from edge.bundle.bundle import load_bundle
from edge.bundle.manifest import Task
from slim.pipeline.lock import locked

_SCENARIOS: Final[tuple[Scenario, ...]] = ("parity", "latency")
Work = Callable[[], Ended]


@dataclass(frozen=True)
class Shipped:
    """A release that is there, and verified.

    Attributes:
        written: Where, and whether it was there already.
        gathered: What it is made of.
        verified: What verifying found.
        took: Every step.
    """

    written: Written
    gathered: Gathered
    verified: Verified
    took: Sequence[Took]

    @property
    def passes(self) -> Sequence[Pass]:
        """What was let pass."""
        return self.gathered.passes


def plan_ship(request: ShipRequest) -> list[StepLine]:
    """What would be done; nothing is.

    Raises:
        InputError: Something stands in the way that is known already.
    """
    return [line for line, _ in _Shipping(request, Silent(), check_ship(request)).steps()]


def check_ship(request: ShipRequest) -> Verified | None:
    """See `early_checks`; with the devices that are to judge and to be measured on.

    Returns:
        The release that is to be measured beside the new one; None where there is none.
    """
    check_request(request)
    for model in request.recipe.models:
        if isinstance(model, SlimModel):
            slim_request(model, request)
        else:
            check_ready_model(model, request.recipe.file)
    beside = verify_beside(request)
    check_devices(request)
    return beside


def ship(request: ShipRequest, reporter: Reporter | None = None) -> Shipped:
    """Go the whole way, or go on where an earlier call was ended.

    What is done is kept under what it was made of: recipes, data, models, options, versions. Nothing is taken
    over whose files are not, to the last byte, those that were finished.

    Args:
        request: What to do.
        reporter: Told how far it is.

    Raises:
        Stopped: The models are not what is asked for; nothing is packed.
        InputError: Another process ships there, or something of the request cannot be used.
        PpocrEdgeError: A step failed.
    """
    beside = check_ship(request)
    with locked(request.work / "lock", request.out, f"is shipping {request.recipe.name} there"):
        return _Shipping(request, reporter or Silent(), beside).go()


class _Shipping:
    """One way, under the folder's lock."""

    def __init__(self, request: ShipRequest, reporter: Reporter, beside: Verified | None) -> None:
        self._request = request
        self._recipe = request.recipe
        self._reporter = reporter
        self._beside = beside
        self._last: LastModels | None = None
        self._sources: dict[Task, ModelSource] = {}
        self._bundles: list[Path] = []
        self._runs: dict[Scenario, Path] = {}
        self._gathered: Gathered | None = None
        self._written: Written | None = None
        self._verified: Verified | None = None

    def go(self) -> Shipped:
        steps = list(self.steps())
        self._reporter.planned([line for line, _ in steps])
        took = []
        for number, (line, work) in enumerate(steps, 1):
            self._reporter.begins(number, line)
            begin = time.monotonic()
            took.append(Took(line, work(), time.monotonic() - begin))
            self._reporter.ended(number, took[-1])
        assert self._gathered is not None  # noqa: S101  (the steps set them)
        assert self._written is not None  # noqa: S101
        assert self._verified is not None  # noqa: S101
        return Shipped(self._written, self._gathered, self._verified, took)

    def steps(self) -> Iterator[tuple[StepLine, Work]]:
        """All steps, in their order."""
        recipe, measuring = self._recipe, self._recipe.measuring
        if self._beside is not None:
            what = f"models of {self._beside.folder}, to measure them again"
            yield _line("unpack", what), partial(self._unpack, self._beside)
        for model in recipe.models:
            names = ", ".join(dict.fromkeys(name for name, _ in wanted_models(model)))
            if names:
                yield _line("pull", names), partial(pull, model, self._reporter)
        for model in recipe.models:
            if isinstance(model, SlimModel):
                quick = " (an early look)" if model.quick else ""
                yield _line("slim", f"{model.name}{quick}"), partial(self._make_small, model)
        yield _line("gates", ", ".join(model.task for model in recipe.models)), self._judge
        for processor in processors(recipe):
            for model in recipe.models:
                yield (
                    _line("convert", f"{model.name} for {processor}"),
                    partial(self._convert, model, processor),
                )
        if measuring.devices:
            for scenario in _SCENARIOS:
                what = f"{scenario} on {', '.join(measuring.devices)}"
                if scenario == "latency" and self._beside is not None:
                    what += f", in turn with {self._beside.top}"
                yield _line("measure", what), partial(self._measure, scenario)
        if measuring.against:
            yield _line("compare", f"latency with {measuring.against}"), self._compare
        if measuring.beside:
            last = "the last release" if self._beside is None else f"{self._beside.top}, in turn"
            yield _line("compare", f"latency with {last}"), self._compare_in_turn
        signed = f", signed by {self._request.key.public.id}" if self._request.key else ", not signed"
        yield _line("package", f"{self._request.release}{signed}"), self._package
        yield _line("verify", str(self._request.release)), self._verify
        if measuring.tag:
            yield _line("tag", f"the run as {measuring.tag}"), self._tag

    def _unpack(self, beside: Verified) -> Ended:
        self._last, ended = unpack(beside, self._request)
        return ended

    def _make_small(self, model: SlimModel) -> Ended:
        self._sources[model.task], ended = make_small(model, self._request, self._reporter)
        return ended

    def _judge(self) -> Ended:
        for model in self._recipe.models:
            if not isinstance(model, SlimModel):
                self._sources[model.task] = ready_source(model)
        return judge_gates(self._sources, self._recipe.allow)

    def _convert(self, model: ShippedModel, processor: str) -> Ended:
        folder, ended = convert(model, self._sources[model.task], processor, self._request)
        self._bundles.append(folder)
        return ended

    def _measure(self, scenario: Scenario) -> Ended:
        last = self._last if scenario == "latency" else None
        self._runs[scenario], ended = measure(scenario, self._bundles, self._request, self._reporter, last)
        return ended

    def _compare(self) -> Ended:
        return compare_with_last(self._request, self._runs["latency"])

    def _compare_in_turn(self) -> Ended:
        if self._last is None:
            return Ended("there is no release before this one")
        file, new = self._runs["latency"], [load_bundle(folder) for folder in self._bundles]
        threshold = self._recipe.measuring.threshold
        return InTurn(self._last, new, read_run(file).measurements, threshold).judge(file)

    def _package(self) -> Ended:
        request, told = self._request, self._reporter.told
        asked = request.package(tuple(self._bundles), tuple(self._runs.values()))
        self._gathered = gather(asked, told)
        self._written = write_release(
            self._gathered,
            request.out,
            key=request.key,
            expires=request.expires,
            again=request.again,
            told=told,
        )
        count = len(self._gathered.models)
        return Ended(f"{count} model{'s' if count != 1 else ''}", self._written.kept)

    def _verify(self) -> Ended:
        folder, key = self._request.release, self._request.key
        if key is None:
            self._verified = verify_unsigned(folder)
            return Ended(f"{len(self._verified.files)} files fit together")
        self._verified = verify_release(folder, [key.public], step=self._reporter.told)
        return Ended(f"all {len(self._verified.files)} files, signed by {self._verified.key}")

    def _tag(self) -> Ended:
        return name_run(self._request, self._runs["latency"])


def _line(verb: Verb, what: str) -> StepLine:
    return StepLine(verb, what)
