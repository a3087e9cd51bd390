"""The states of a recipe one after the other, each measured as soon as it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.predictor.protocol import Predictor
from slim.evaluation import Evaluation
from slim.pipeline.chain import Chain
from slim.pipeline.examine import Examiner
from slim.pipeline.latency import measure_latency
from slim.pipeline.milestone import Milestone
from slim.pipeline.outside import FinishedModel
from slim.pipeline.request import SlimRequest
from slim.pipeline.schedule import Schedule
from slim.pipeline.step import Precision, Progress
from slim.reference.predictor import PaddlePredictor
from slim.zoo.parameters import input_spec
from slim.zoo.pull import LocalModel

PADDLE: Final = "paddle"
_QUICK_GUESS: Final = 30.0
"""Seconds a step of an early look is taken for, which measures none beforehand."""


class Measuring:
    """Makes and measures everything of a run.

    Args:
        request: What to do.
        chain: Makes states.
        examiner: Measures models.
        schedule: Told what runs.
        dictionary: A recognizer's characters.
    """

    def __init__(
        self,
        request: SlimRequest,
        chain: Chain,
        examiner: Examiner,
        schedule: Schedule,
        dictionary: Path | None,
    ) -> None:
        self._request = request
        self._steps = request.recipe.steps
        self._chain = chain
        self._examiner = examiner
        self._schedule = schedule
        self._dictionary = dictionary

    def milestones(self) -> list[Milestone]:
        """The beginning and the model after each step, on Paddle."""
        precision: Precision = "fp32"
        with self._schedule.running("measure-0") as progress:
            self._chain.begin()
            milestones = [self._milestone(0, "float", self._request.recipe.model, precision, None, progress)]
        self._expect(self._schedule["measure-0"].seconds)
        for number, plan in enumerate(self._steps, 1):
            seconds = self._made(number)
            precision = plan.step.precision or precision
            description = plan.step.describe()
            with self._schedule.running(f"measure-{number}") as progress:
                made = self._milestone(number, plan.step.kind, description, precision, seconds, progress)
                milestones.append(made)
        if self._schedule["estimate"].status == "waiting":
            self._schedule.keep("estimate")
        return milestones

    def published(self, model: LocalModel) -> Milestone:
        """A published slim model, on Paddle."""
        precision: Precision = "int8" if "quantized" in model.entry.compression else "fp32"
        with self._schedule.running("published") as progress:
            folder, cost = self._chain.inference_of(model.folder)
            milestone = Milestone(
                key="published",
                label="published",
                description=f"{model.entry.name}, as published",
                state=folder,
                model=folder,
                precision=precision,
                cost=cost,
                nb_bytes=self._nb_bytes(folder, precision),
            )
            return self._examined(milestone, progress)

    def on_device(self, milestones: Sequence[Milestone]) -> list[Mapping[str, Evaluation]]:
        """Raw results of models on the request's device, by data set; empty ones where there is none."""
        place = self._request.place
        if place is None:
            return [{} for _ in milestones]
        found = []
        with self._schedule.running("device") as progress:
            for number, one in enumerate(milestones):
                opened = place.open(self._finished(one.model, one.precision))
                told = _part(progress, number, len(milestones), one.label)
                found.append(self._examiner.examine(one.model, place.name, opened, told, keep=False))
        return found

    def latency(self, milestones: Sequence[Milestone]) -> dict[str, tuple[float, ...]]:
        """Run times in ms on this host by the milestone's key; equal models are measured once."""
        distinct = {str(one.model): one.model for one in milestones}
        with self._schedule.running("latency") as progress:
            samples = measure_latency(
                self._examiner.subject,
                distinct,
                self._examiner.sets[0],
                progress,
                quick=self._request.quick,
            )
        return {one.key: samples[str(one.model)] for one in milestones}

    def _made(self, number: int) -> float:
        """Make sure that a step's state is there; seconds it took."""
        key = f"step-{number}"
        kept = self._chain.kept(number - 1)
        if kept is not None:
            self._schedule.keep(key)
            return kept
        if self._schedule["estimate"].status == "waiting":
            self._estimate(number)
        with self._schedule.running(key) as progress:
            return self._chain.run(number - 1, progress)

    def _estimate(self, first: int) -> None:
        """Measure how long the steps will take, which costs a few seconds itself."""
        if self._request.quick:
            self._schedule.keep("estimate")
            guesses = [_QUICK_GUESS] * (len(self._steps) - first + 1)
        else:
            with self._schedule.running("estimate") as progress:
                guesses = self._chain.estimate(first - 1, progress)
        for number, seconds in enumerate(guesses, first):
            self._schedule[f"step-{number}"].estimate = seconds

    def _expect(self, seconds: float) -> None:
        """All other models take as long to measure as the first."""
        for stage in self._schedule.stages:
            if stage.key.startswith("measure-") or stage.key == "published":
                stage.estimate = seconds

    def _milestone(
        self,
        number: int,
        label: str,
        description: str,
        precision: Precision,
        seconds: float | None,
        progress: Progress,
    ) -> Milestone:
        model, cost = self._chain.inference(number)
        milestone = Milestone(
            key=str(number),
            label=label,
            description=description,
            state=self._chain.states[number].content,
            model=model,
            precision=precision,
            cost=cost,
            nb_bytes=self._nb_bytes(model, precision),
            seconds=seconds,
        )
        return self._examined(milestone, progress)

    def _examined(self, milestone: Milestone, progress: Progress) -> Milestone:
        spec = input_spec(self._examiner.subject.parameters)
        opened: AbstractContextManager[Predictor] = PaddlePredictor(
            milestone.model, [spec], threads=self._request.threads
        )
        found = self._examiner.examine(milestone.model, PADDLE, opened, progress)
        return replace(milestone, evaluations=found)

    def _nb_bytes(self, model: Path, precision: Precision) -> int | None:
        converter = self._request.converter
        return converter.nb_bytes(self._finished(model, precision)) if converter else None

    def _finished(self, model: Path, precision: Precision) -> FinishedModel:
        return FinishedModel(self._request.recipe.name, model, self._dictionary, precision)


def _part(progress: Progress, number: int, count: int, label: str) -> Progress:
    """Progress of one of several models with the same pictures, told as that of all of them.

    Args:
        progress: Of all.
        number: Of the model, counted from 0.
        count: Of models.
        label: Of the model.
    """

    def told(done: int, total: int, note: str) -> None:
        progress(number * total + done, count * total, f"{label}: {note}" if note else "")

    return told
