"""A whole run: data, states, measures, gates, result."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from edge.errors import InputError
from edge.predictor.protocol import Predictor
from slim.evaluation import Evaluation
from slim.pipeline.chain import Chain
from slim.pipeline.data import DataSet
from slim.pipeline.examine import Examiner, Subject
from slim.pipeline.gates import Evidence, judge
from slim.pipeline.latency import measure_latency, usual_shape
from slim.pipeline.lock import locked
from slim.pipeline.manifest import manifest_of
from slim.pipeline.materials import EVALUATE, TRAIN, check_apart, gather
from slim.pipeline.milestone import Milestone, accuracies
from slim.pipeline.outcome import Findings, Outcome
from slim.pipeline.outside import FinishedModel
from slim.pipeline.place import (
    MANIFEST,
    WORK,
    check_folder,
    differing,
    is_whole,
    put_in_place,
    read_manifest,
)
from slim.pipeline.pulling import Pulling
from slim.pipeline.request import SlimRequest, recipe_values
from slim.pipeline.schedule import Reporter, Schedule, Silent, Stage
from slim.pipeline.setting import subject_of
from slim.pipeline.step import Precision, Progress
from slim.pipeline.versions import tool_versions
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE, PaddlePredictor
from slim.report import write_report
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Kind
from slim.zoo.parameters import input_spec
from slim.zoo.pull import LocalModel, ensure

DICTIONARY: Final = "dictionary.txt"
CHECKPOINT: Final = "checkpoint"
PADDLE: Final = "paddle"
_QUICK_GUESS: Final = 30.0
"""Seconds a step of an early look is taken for, which measures none beforehand."""


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
    _check_finished(request, known)
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


def _check_finished(request: SlimRequest, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """The manifest of the result that is there already; None where there is none, or it is to be replaced.

    Raises:
        InputError: It is the result of something else.
    """
    manifest = read_manifest(request.out)
    if manifest is None or request.again:
        return None
    other = differing(manifest, known)
    if other is None:
        return manifest
    what = {
        "recipe": "of another recipe",
        "seed": "of another --seed",
        "quick": "of the full recipe" if request.quick else "of an early look (--quick)",
        "threads": "made with other --threads",
        "train": "of other data (--train)",
        "evaluate": "of other data (--evaluate)",
        "device": "judged on another --device",
        "model": f"of other files of {request.recipe.model}",
        "versions": "of other versions of the tools",
    }
    raise InputError(
        f"-o {request.out}",
        f"holds a result {what.get(other, f'with other {other}')}",
        "choose another folder, or add --again to replace it",
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
        self._dictionary: Path | None = None
        steps = [plan.step for plan in self._recipe.steps]
        self._schedule = Schedule(
            [
                Stage("model", "model"),
                Stage("data", "data"),
                Stage("measure-0", "measure the original"),
                Stage("estimate", "estimate the time"),
                *(
                    stage
                    for number, step in enumerate(steps, 1)
                    for stage in (
                        Stage(f"step-{number}", f"{number} {step.kind}"),
                        Stage(f"measure-{number}", f"measure {number}"),
                    )
                ),
                *([Stage("published", "measure the published")] if self._needs_published else []),
                *([Stage("device", f"measure on {request.place.name}")] if request.place else []),
                Stage("latency", "latency on this host", 20.0),
                Stage("report", "report", 10.0),
            ],
            reporter.changed,
        )

    @property
    def _needs_published(self) -> bool:
        return any(gate.against == "published" for gate in self._recipe.gates)

    def run(self) -> Outcome:
        request = self._request
        self._reporter.began(self._schedule)
        with self._schedule.running("model") as progress:
            model, published = self._pull(progress)
            subject = subject_of(self._entry, model)
            self._dictionary = model.dictionary
        with self._schedule.running("data") as progress:
            train, evaluate = self._gather(model, progress)
        inputs = self._inputs(model, train, evaluate)
        manifest = _check_finished(request, inputs)
        if manifest is not None and is_whole(request.out, manifest):
            return Outcome(request.out, manifest, kept=True, findings=None)
        shape = usual_shape(subject)
        chain = Chain(request, model, self._work, self._versions, train, shape)
        basis = {"versions": self._versions, "threads": request.threads}
        examiner = Examiner(subject, evaluate, self._work / "evaluations", basis)
        milestones = self._milestones(chain, examiner)
        beside = self._published_milestone(published, chain, examiner) if published else None
        findings = self._judge(milestones, beside, examiner)
        findings = replace(findings, latency_ms=self._latency(findings, subject))
        return self._finish(findings, inputs, subject, model)

    # data

    def _pull(self, progress: Progress) -> tuple[LocalModel, LocalModel | None]:
        """The model to begin with, and the published one where a gate compares with it."""
        told = Pulling(progress, self._reporter)
        model = ensure(self._recipe.model, self._recipe.kind, progress=told)
        if not self._needs_published:
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

    # states and measures

    def _milestones(self, chain: Chain, examiner: Examiner) -> list[Milestone]:
        precision: Precision = "fp32"
        with self._schedule.running("measure-0") as progress:
            chain.begin()
            first = self._milestone("0", "float", self._recipe.model, chain, 0, precision, None)
            milestones = [self._examined(first, examiner, progress)]
        seconds = self._schedule["measure-0"].seconds
        for stage in self._schedule.stages:
            if stage.key.startswith("measure-") or stage.key == "published":
                stage.estimate = seconds
        for index, plan in enumerate(self._recipe.steps):
            key = f"step-{index + 1}"
            took = chain.kept(index)
            if took is not None:
                self._schedule.keep(key)
            else:
                if self._schedule["estimate"].status == "waiting":
                    self._estimate(chain, index)
                with self._schedule.running(key) as progress:
                    took = chain.run(index, progress)
            step = plan.step
            precision = step.precision or precision
            with self._schedule.running(f"measure-{index + 1}") as progress:
                made = self._milestone(
                    str(index + 1), step.kind, step.describe(), chain, index + 1, precision, took
                )
                milestones.append(self._examined(made, examiner, progress))
        if self._schedule["estimate"].status == "waiting":
            self._schedule.keep("estimate")
        return milestones

    def _estimate(self, chain: Chain, first: int) -> None:
        """Measure how long the steps will take, which costs a few seconds itself."""
        if self._request.quick:
            self._schedule.keep("estimate")
            guesses = [_QUICK_GUESS] * (len(self._recipe.steps) - first)
        else:
            with self._schedule.running("estimate") as progress:
                guesses = chain.estimate(first, progress)
        for number, seconds in enumerate(guesses, first + 1):
            self._schedule[f"step-{number}"].estimate = seconds

    def _milestone(
        self,
        key: str,
        label: str,
        description: str,
        chain: Chain,
        number: int,
        precision: Precision,
        seconds: float | None,
    ) -> Milestone:
        model, cost = chain.inference(number)
        return Milestone(
            key=key,
            label=label,
            description=description,
            state=chain.states[number].content,
            model=model,
            precision=precision,
            cost=cost,
            nb_bytes=self._nb_bytes(model, precision),
            seconds=seconds,
        )

    def _published_milestone(self, published: LocalModel, chain: Chain, examiner: Examiner) -> Milestone:
        with self._schedule.running("published") as progress:
            model, cost = chain.inference_of(published.folder)
            precision: Precision = "int8" if "quantized" in published.entry.compression else "fp32"
            milestone = Milestone(
                key="published",
                label="published",
                description=f"{published.entry.name}, as published",
                state=model,
                model=model,
                precision=precision,
                cost=cost,
                nb_bytes=self._nb_bytes(model, precision),
            )
            return self._examined(milestone, examiner, progress)

    def _nb_bytes(self, model: Path, precision: Precision) -> int | None:
        converter = self._request.converter
        return converter.nb_bytes(self._finished(model, precision)) if converter else None

    def _finished(self, model: Path, precision: Precision) -> FinishedModel:
        return FinishedModel(self._recipe.name, model, self._dictionary, precision)

    def _examined(self, milestone: Milestone, examiner: Examiner, progress: Progress) -> Milestone:
        spec = input_spec(examiner.subject.parameters)
        opened: AbstractContextManager[Predictor] = PaddlePredictor(
            milestone.model, [spec], threads=self._request.threads
        )
        return replace(milestone, evaluations=examiner.examine(milestone.model, PADDLE, opened, progress))

    def _judge(
        self, milestones: list[Milestone], published: Milestone | None, examiner: Examiner
    ) -> Findings:
        request = self._request
        result, beginning = milestones[-1], milestones[0]
        there: Mapping[str, Evaluation] = {}
        published_there = published.evaluations if published else {}
        if request.place is not None:
            with self._schedule.running("device") as progress:
                there = self._on_device(result, examiner, progress)
                if published is not None:
                    published_there = self._on_device(published, examiner, progress)
        where = request.place.name if request.place else self._simulation(result)
        evidence = Evidence(
            costs=result.costs,
            result=there or result.evaluations,
            beginning=beginning.evaluations,
            published=published_there,
            where=where,
        )
        if result.precision == "int8" and request.place is None:
            self._remark(
                "INT8 was measured in Paddle's simulation alone, an ARM device may differ: "
                "give --device to measure it there"
            )
        sets = {one.name: one for one in examiner.sets}
        task = self._entry.task
        measured = [*milestones, *([published] if published else [])]
        return Findings(
            recipe=self._recipe,
            entry=self._entry,
            quick=request.quick,
            milestones=milestones,
            published=published,
            accuracies={
                one.key: accuracies(one.evaluations, beginning.evaluations, sets, task) for one in measured
            },
            sets=sets,
            verdicts=[judge(gate, evidence) for gate in self._recipe.gates],
            place=request.place.name if request.place else None,
            place_accuracies=accuracies(there, beginning.evaluations, sets, task),
            place_evaluations=there,
            latency_ms={},
            remarks=list(self._remarks),
        )

    @staticmethod
    def _simulation(result: Milestone) -> str:
        return "Paddle (simulated)" if result.precision == "int8" else "Paddle"

    def _on_device(
        self, milestone: Milestone, examiner: Examiner, progress: Progress
    ) -> Mapping[str, Evaluation]:
        place = self._request.place
        assert place is not None  # noqa: S101  (asked only with one)
        opened = place.open(self._finished(milestone.model, milestone.precision))
        return examiner.examine(milestone.model, place.name, opened, progress, keep=False)

    def _latency(self, findings: Findings, subject: Subject) -> dict[str, tuple[float, ...]]:
        models = {one.key: one.model for one in findings.milestones}
        if findings.published:
            models[findings.published.key] = findings.published.model
        data = next(iter(findings.sets.values()))
        with self._schedule.running("latency") as progress:
            distinct = {str(folder): folder for folder in models.values()}
            samples = measure_latency(subject, distinct, data, progress, quick=self._request.quick)
            return {key: samples[str(folder)] for key, folder in models.items()}

    # result

    def _finish(
        self, findings: Findings, inputs: Mapping[str, Any], subject: Subject, model: LocalModel
    ) -> Outcome:
        with self._schedule.running("report") as progress:
            folder = self._work / "result"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name in (MODEL_FILE, PARAMS_FILE):
                shutil.copyfile(findings.result.model / name, folder / name)
            shutil.copytree(findings.result.state, folder / CHECKPOINT)
            dictionary = None
            if model.dictionary is not None:
                dictionary = DICTIONARY
                shutil.copyfile(model.dictionary, folder / dictionary)
            manifest = manifest_of(findings, inputs, subject.parameters, dictionary, folder)
            text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
            (folder / MANIFEST).write_text(text, encoding="utf-8")
            write_report(findings, manifest, folder, progress)
            put_in_place(folder, self._request.out)
        return Outcome(self._request.out, manifest, kept=False, findings=findings)
