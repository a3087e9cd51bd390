"""What a run would do and how long it would take, measured with a little of everything."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from slim.pipeline.chain import Chain
from slim.pipeline.data import DataSet
from slim.pipeline.examine import examine
from slim.pipeline.latency import rounds_for, usual_shape
from slim.pipeline.materials import EVALUATE, TRAIN, check_apart, gather, planned_count
from slim.pipeline.request import SlimRequest
from slim.pipeline.setting import subject_of
from slim.pipeline.step_calls import silent
from slim.pipeline.versions import tool_versions
from slim.recipes.recipe import Source, SyntheticSource
from slim.reference.predictor import PaddlePredictor
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Entry
from slim.zoo.parameters import input_spec
from slim.zoo.pull import LocalModel, ensure

SAMPLE: Final = 6
"""Pictures of every data set that are rendered or measured to learn how long one takes."""
_STARTING: Final = 3.0
"""Seconds a child process needs to load Paddle, and opt to convert a model."""


@dataclass(frozen=True)
class Part:
    """A part of a run.

    Attributes:
        label: What it is.
        description: What it does.
        seconds: How long it would take here.
        minutes: What the recipe expects at most; None where it does not say.
    """

    label: str
    description: str
    seconds: float
    minutes: float | None = None


@dataclass(frozen=True)
class Preview:
    """What a run would do.

    Attributes:
        name: Of the result.
        model: What it would be made of.
        description: The recipe's line.
        seed: For the steps.
        threads: To compute with.
        parts: In their order.
        gates: One line each.
        remarks: What is left out, and parts that would take longer than the recipe expects.
    """

    name: str
    model: str
    description: str
    seed: int
    threads: int
    parts: Sequence[Part]
    gates: Sequence[str]
    remarks: Sequence[str]

    @property
    def seconds(self) -> float:
        """In all."""
        return sum(part.seconds for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "seconds": round(self.seconds, 1)}


def preview_run(request: SlimRequest) -> Preview:
    """Look at everything a run needs, and measure a little of each part. Nothing is left behind.

    Models that are not here yet are fetched, because the steps are measured with them.

    Raises:
        PpocrEdgeError: As for a run.
    """
    recipe = request.recipe
    entry = find_entry(recipe.model)
    model = ensure(recipe.model, recipe.kind)
    with TemporaryDirectory(prefix="ppocr-edge-preview-") as folder:
        return _Preview(request, entry, model, Path(folder)).make()


class _Watch:
    """Takes progress, and knows how long one picture of each source took."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._seen: dict[str, list[float]] = {}

    def __call__(self, done: int, total: int, note: str) -> None:  # noqa: ARG002
        self._seen.setdefault(note, []).append(time.monotonic())

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    def seconds_each(self, name: str) -> float:
        """Between two pictures: what comes before the first, such as reading fonts, is paid once."""
        times = self._seen.get(name, [])
        return (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0


class _Preview:
    def __init__(self, request: SlimRequest, entry: Entry, model: LocalModel, folder: Path) -> None:
        self._request = request
        self._recipe = request.recipe
        self._entry = entry
        self._model = model
        self._folder = folder
        self._versions = tool_versions()
        self._remarks: list[str] = []

    def make(self) -> Preview:
        request, recipe = self._request, self._recipe
        train, rendering = self._data(TRAIN, recipe.train, request.train)
        evaluate, more = self._data(EVALUATE, recipe.evaluate, request.evaluate)
        check_apart(train, evaluate)
        subject = subject_of(self._entry, self._model)
        start = time.monotonic()
        chain = Chain(request, self._model, self._folder, self._versions, train, usual_shape(subject))
        chain.begin()
        folder, _ = chain.inference(0)
        beginning = time.monotonic() - start
        measuring = 0.0
        with PaddlePredictor(folder, [input_spec(subject.parameters)], threads=request.threads) as predictor:
            _ = predictor.info
            for data in evaluate:
                sample = data.first(SAMPLE)
                examine(subject, predictor, sample.first(1), silent)  # the first costs more
                start = time.monotonic()
                examine(subject, predictor, sample, silent)
                measuring += (time.monotonic() - start) / len(sample) * len(data)
            run_seconds = predictor.seconds
        steps = chain.estimate(0, silent)
        parts = [
            Part("data", self._data_line(train, evaluate), rendering + more),
            Part("begin", f"{recipe.model}, {recipe.kind.value}", beginning),
        ]
        models = 1 + len(recipe.steps)
        for number, (plan, seconds) in enumerate(zip(recipe.steps, steps, strict=True), 1):
            part = Part(f"{number} {plan.step.kind}", plan.step.describe(), seconds + _STARTING, plan.minutes)
            parts.append(part)
            if part.minutes is not None and part.seconds > 60 * part.minutes:
                self._remarks.append(
                    f"{part.label} would take longer than the {part.minutes:g} min the recipe expects"
                )
        models += any(gate.against == "published" for gate in recipe.gates)
        sizes = models * (_STARTING * 2 if request.converter else _STARTING)
        pictures = sum(map(len, evaluate))
        parts.append(Part("measure", f"{models} models on {pictures} pictures", models * measuring + sizes))
        if request.place is not None:
            parts.append(Part("device", f"the result on {pictures} pictures on {request.place.name}", 0.0))
            self._remarks.append(f"how long {request.place.name} takes is not known beforehand")
        if (load := os.getloadavg()[0]) > len(os.sched_getaffinity(0)):
            self._remarks.append(
                f"this machine is busy (load {load:.1f}): on an idle one it takes less than measured here"
            )
        rounds = rounds_for(models * run_seconds, quick=request.quick)
        parts.append(
            Part("latency", f"{models} models by turns", models * (rounds + 2) * run_seconds + _STARTING)
        )
        return Preview(
            name=recipe.name,
            model=f"{recipe.model} ({recipe.kind.value})",
            description=recipe.description,
            seed=request.seed,
            threads=request.threads,
            parts=parts,
            gates=[gate.line() for gate in recipe.gates],
            remarks=self._remarks,
        )

    def _data(
        self, role: str, sources: Sequence[Source], paths: Mapping[str, Path]
    ) -> tuple[tuple[DataSet, ...], float]:
        """The data, of what is rendered a sample that is repeated; and seconds that the rest would take."""
        few = [
            replace(source, count=min(source.count, SAMPLE))
            if isinstance(source, SyntheticSource)
            else source
            for source in sources
        ]
        watch = _Watch()
        sets, remarks = gather(
            role,
            few,
            paths,
            self._entry,
            self._model.dictionary,
            self._folder / "data",
            self._versions,
            watch,
            quick=self._request.quick,
        )
        self._remarks += remarks
        counts = {
            source.name: planned_count(role, source, self._entry.task, quick=self._request.quick)
            for source in sources
            if isinstance(source, SyntheticSource)
        }
        grown = tuple(one.repeated(counts[one.name]) if one.name in counts else one for one in sets)
        more = sum(watch.seconds_each(name) * max(0, count - SAMPLE) for name, count in counts.items())
        return grown, watch.elapsed + more

    @staticmethod
    def _data_line(train: Sequence[DataSet], evaluate: Sequence[DataSet]) -> str:
        def listed(sets: Sequence[DataSet]) -> str:
            return ", ".join(f"{len(one)} {one.name}" for one in sets)

        return f"train on {listed(train)}; measure on {listed(evaluate)}"
