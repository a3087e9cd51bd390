"""A whole run: data, states, measures, gates, result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from edge.errors import InputError
from slim.evaluation import Evaluation
from slim.pipeline.chain import Chain
from slim.pipeline.data import DataSet
from slim.pipeline.examine import Examiner
from slim.pipeline.finished import check_finished
from slim.pipeline.gates import Evidence, judge
from slim.pipeline.latency import usual_shape
from slim.pipeline.lock import locked
from slim.pipeline.materials import EVALUATE, TRAIN, check_apart, gather
from slim.pipeline.measuring import Measuring
from slim.pipeline.milestone import Milestone, accuracies
from slim.pipeline.outcome import Findings, Outcome
from slim.pipeline.place import WORK, check_folder, is_whole
from slim.pipeline.pulling import Pulling
from slim.pipeline.request import SlimRequest, recipe_values
from slim.pipeline.result import write_result
from slim.pipeline.schedule import Reporter, Schedule, Silent, Stage
from slim.pipeline.setting import subject_of
from slim.pipeline.step import Progress
from slim.pipeline.versions import tool_versions
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Kind
from slim.zoo.pull import LocalModel, ensure


def slim_model(request: SlimRequest, reporter: Reporter | None = None) -> Outcome:
    """Follow a recipe, or go on with it where an earlier run was interrupted.

    Args:
        request: What to do.
        reporter: Told how far it is.

    Raises:
        InputError: The data, the folder or the device cannot be used.
        SourceError: A model cannot be had.
        PpocrEdgeError: A step or a measurement failed.
    """
    check_place(request)
    check_folder(request.out)
    known = {"recipe": recipe_values(request.recipe), "seed": request.seed, "quick": request.quick}
    check_finished(request, known)
    with locked(request.out / WORK / "lock", request.out):
        return _Run(request, reporter or Silent()).run()


def check_place(request: SlimRequest) -> None:
    """Make sure that a device computes what it would be asked to judge.

    Raises:
        InputError: It does not.
    """
    place = request.place
    if place is None or place.computes_integers or request.recipe.precision == "fp32":
        return
    raise InputError(
        f"--device {place.name}",
        f"does not compute {request.recipe.precision} models correctly, and the recipe makes one",
        "name an ARM device, or leave --device out: Paddle simulates it",
    )


class _Run:
    """One run, under the folder's lock."""

    def __init__(self, request: SlimRequest, reporter: Reporter) -> None:
        self._request = request
        self._recipe = request.recipe
        self._reporter = reporter
        self._work = request.out.absolute() / WORK
        self._versions = tool_versions()
        self._entry = find_entry(self._recipe.model)
        self._remarks: list[str] = []
        self._schedule = Schedule(_stages(request), reporter.changed)

    def run(self) -> Outcome:
        request = self._request
        self._reporter.began(self._schedule)
        with self._schedule.running("model") as progress:
            model, published = self._pull(progress)
            subject = subject_of(self._entry, model)
        with self._schedule.running("data") as progress:
            train, evaluate = self._gather(model, progress)
        inputs = self._inputs(model, train, evaluate)
        manifest = check_finished(request, inputs)
        if manifest is not None and is_whole(request.out, manifest):
            return Outcome(request.out, manifest, kept=True, findings=None)
        chain = Chain(request, model, self._work, self._versions, train, usual_shape(subject))
        basis = {"versions": self._versions, "threads": request.threads}
        examiner = Examiner(subject, evaluate, self._work / "evaluations", basis)
        measuring = Measuring(request, chain, examiner, self._schedule, model.dictionary)
        milestones = measuring.milestones()
        beside = measuring.published(published) if published else None
        there = measuring.on_device([milestones[-1], *([beside] if beside else [])])
        measured = [*milestones, *([beside] if beside else [])]
        latency = measuring.latency(measured)
        findings = replace(self._judge(milestones, beside, there, evaluate), latency_ms=latency)
        with self._schedule.running("report") as progress:
            parameters, dictionary = subject.parameters, model.dictionary
            manifest = write_result(
                findings, inputs, parameters, dictionary, request.out, self._work, progress
            )
        return Outcome(request.out, manifest, kept=False, findings=findings)

    def _pull(self, progress: Progress) -> tuple[LocalModel, LocalModel | None]:
        """The model to begin with, and the published one where a gate compares with it."""
        told = Pulling(progress, self._reporter)
        model = ensure(self._recipe.model, self._recipe.kind, progress=told)
        if not _needs_published(self._request):
            return model, None
        return model, ensure(self._recipe.name, Kind.SLIM_INFERENCE, progress=told)

    def _gather(
        self, model: LocalModel, progress: Progress
    ) -> tuple[tuple[DataSet, ...], tuple[DataSet, ...]]:
        request, found = self._request, []
        sides = (
            (TRAIN, self._recipe.train, request.train),
            (EVALUATE, self._recipe.evaluate, request.evaluate),
        )
        for role, sources, paths in sides:
            sets, remarks = gather(
                role,
                sources,
                paths,
                self._entry,
                model.dictionary,
                self._work / "data",
                self._versions,
                progress,
                quick=request.quick,
            )
            found.append(sets)
            for remark in remarks:
                self._remark(remark)
        check_apart(*found)
        return found[0], found[1]

    def _remark(self, text: str) -> None:
        self._remarks.append(text)
        self._reporter.note(text)

    def _inputs(
        self, model: LocalModel, train: tuple[DataSet, ...], evaluate: tuple[DataSet, ...]
    ) -> dict[str, Any]:
        """Everything the result depends on, as plain values that are read back as they were written."""
        request = self._request
        inputs = {
            "recipe": recipe_values(self._recipe),
            "seed": request.seed,
            "quick": request.quick,
            "threads": request.threads,
            "model": {"name": model.entry.name, "kind": model.kind.value, "sha256": dict(model.sha256)},
            "train": {one.name: one.sha256 for one in train},
            "evaluate": {one.name: one.sha256 for one in evaluate},
            "device": request.place.name if request.place else None,
            "versions": self._versions,
        }
        plain: dict[str, Any] = json.loads(json.dumps(inputs))
        return plain

    def _judge(
        self,
        milestones: list[Milestone],
        published: Milestone | None,
        there: list[Mapping[str, Evaluation]],
        evaluate: tuple[DataSet, ...],
    ) -> Findings:
        result, beginning = milestones[-1], milestones[0]
        place = self._request.place.name if self._request.place else None
        if result.precision == "int8" and place is None:
            self._remark(
                "INT8 was measured in Paddle's simulation alone, an ARM device may differ: "
                "give --device to measure it there"
            )
        simulation = "Paddle (simulated)" if result.precision == "int8" else "Paddle"
        beside: Mapping[str, Evaluation] = {}
        if published is not None:
            beside = there[1] if place else published.evaluations
        evidence = Evidence(
            costs=result.costs,
            result=there[0] if place else result.evaluations,
            beginning=beginning.evaluations,
            published=beside,
            where=place or simulation,
        )
        sets = {one.name: one for one in evaluate}
        task = self._entry.task
        measured = [*milestones, *([published] if published else [])]
        return Findings(
            recipe=self._recipe,
            entry=self._entry,
            quick=self._request.quick,
            milestones=milestones,
            published=published,
            accuracies={
                one.key: accuracies(one.evaluations, beginning.evaluations, sets, task) for one in measured
            },
            sets=sets,
            verdicts=[judge(gate, evidence) for gate in self._recipe.gates],
            place=place,
            place_accuracies=accuracies(there[0], beginning.evaluations, sets, task),
            place_evaluations=there[0],
            latency_ms={},
            remarks=list(self._remarks),
        )


def _needs_published(request: SlimRequest) -> bool:
    return any(gate.against == "published" for gate in request.recipe.gates)


def _stages(request: SlimRequest) -> list[Stage]:
    stages = [
        Stage("model", "model"),
        Stage("data", "data"),
        Stage("measure-0", "measure the original"),
        Stage("estimate", "estimate the time"),
    ]
    for number, plan in enumerate(request.recipe.steps, 1):
        stages.append(Stage(f"step-{number}", f"{number} {plan.step.kind}"))
        stages.append(Stage(f"measure-{number}", f"measure {number}"))
    if _needs_published(request):
        stages.append(Stage("published", "measure the published"))
    if request.place:
        stages.append(Stage("device", f"measure on {request.place.name}"))
    return [*stages, Stage("latency", "latency on this host", 20.0), Stage("report", "report", 10.0)]
