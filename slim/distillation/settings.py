"""What recipes say about a training, and what else follows from the model's task."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from edge.ocr.parameters import ClassificationParameters, DetectionParameters
from slim.distillation.classifier import AngleLoss, ClassifierTask
from slim.distillation.detector import DetectorTask, MapLoss
from slim.distillation.recognizer import ColumnLoss, RecognizerTask
from slim.pipeline.step import StepContext
from slim.recipes.fields import Fields
from slim.training.line_pictures import LineSettings
from slim.training.loop import Optimization, train
from slim.training.page_crops import CropSettings
from slim.training.schedule import Schedule
from slim.training.student import Student
from slim.training.task import Task
from slim.zoo.parameters import zoo_parameters

QUICK_STEPS: Final = 20
_TRIAL_STEPS: Final = 3
_QUICK_BATCH: Final = 4
_SAMPLE, _SAMPLE_SIDE = 16, 320


@dataclass(frozen=True)
class TrainingSettings:
    """A training's budget.

    Attributes:
        steps: How often weights are changed.
        batch: Pictures a step, all parts together: crops for detection, lines otherwise.
        rate: Highest learning rate.
        warmup: Steps until it is reached.
        parts: Parts of a batch, each worked on by a process of its own.
        side: Side of a crop in pixels; detection only.
        truth: Weight of the task's own loss beside the teacher's; classification only.
        labels: How much labels of the user's pictures are believed where the teacher missed text, 0 to 1;
            detection only.
    """

    steps: int
    batch: int
    rate: float
    warmup: int
    parts: int
    side: int
    truth: float
    labels: float

    @classmethod
    def to_look(cls, batch: int) -> TrainingSettings:
        """For batches that are looked at and not learned from: what the teacher says counts alone."""
        return cls(
            steps=1, batch=batch, rate=0.0, warmup=0, parts=1, side=_SAMPLE_SIDE, truth=0.0, labels=0.0
        )

    def quick(self) -> TrainingSettings:
        """For an early look: a few steps of a few pictures, at a rate that does no harm."""
        batch = min(self.batch, _QUICK_BATCH * self.parts)
        steps = min(self.steps, QUICK_STEPS)
        return replace(
            self, steps=steps, batch=batch, rate=self.rate / 4, warmup=min(self.warmup, steps // 4)
        )

    @property
    def optimization(self) -> Optimization:
        """As the training loop takes it."""
        return Optimization(Schedule(self.rate, self.steps, self.warmup), parts=self.parts)


def parse_training(fields: Fields, *, steps: int, rate: float) -> TrainingSettings:
    """Read the settings of a step that trains.

    Args:
        fields: Of the recipe's step.
        steps: Where the recipe does not say.
        rate: Likewise.

    Raises:
        InputError: A value is impossible.
    """
    settings = TrainingSettings(
        steps=fields.whole("steps", steps, least=1, most=1_000_000),
        batch=fields.whole("batch", 8, least=1, most=1024),
        rate=fields.number("rate", rate, least=1e-7, most=1.0),
        warmup=fields.whole("warmup", 50, most=100_000),
        parts=fields.whole("parts", 2, least=1, most=64),
        side=fields.whole("side", 320, least=64, most=1280),
        truth=fields.number("truth", 0.3, most=100.0),
        labels=fields.share("labels", 1.0),
    )
    if settings.batch % settings.parts:
        fields.refuse(
            "batch", f"is {settings.batch}, not a multiple of parts ({settings.parts})", "change one"
        )
    if settings.side % 32:
        fields.refuse("side", f"is {settings.side}", "write a multiple of 32")
    return settings


def training_task(student: Student, context: StepContext, settings: TrainingSettings) -> Task:
    """The distillation that suits a model.

    Raises:
        InputError: There is nothing to train on.
    """
    images = context.training_images()
    parameters = zoo_parameters(context.entry)
    batch = settings.batch // settings.parts
    original, seed = context.original, context.seed
    if isinstance(parameters, DetectionParameters):
        crops = CropSettings(side=settings.side, batch=batch)
        pages = tuple(page for one in context.train for page in one.pages)
        # what is rendered shows what the renderer can do: there the teacher alone is to be kept
        labelled = tuple(one.labelled and not one.synthetic for one in context.train for _ in one.pages)
        return DetectorTask(
            student, original, pages, labelled, settings.labels, parameters, crops, MapLoss(), seed
        )
    lines = LineSettings(batch=batch)
    if isinstance(parameters, ClassificationParameters):
        loss = AngleLoss(truth=settings.truth)
        return ClassifierTask(student, original, images, parameters, lines, loss, seed)
    return RecognizerTask(student, original, images, parameters, lines, ColumnLoss(), seed)


def sample_pictures(
    network: Path, context: StepContext, batch: int = _SAMPLE, count: int = 1
) -> Iterator[Any]:
    """Training pictures as the network takes them.

    Args:
        network: The network.
        context: Of the step.
        batch: Pictures in each batch.
        count: Batches.

    Returns:
        One batch after the other, float32 (batch, 3, H, W).
    """
    settings = TrainingSettings.to_look(batch)
    job = training_task(Student(network), context, settings).build()
    return (job.batch(number, 0)[0] for number in range(count))


def run_training(student: Student, context: StepContext, settings: TrainingSettings, work: Path) -> Any:
    """Train, telling how far it is; a run that was killed goes on.

    Returns:
        The trained network.
    """
    chosen = settings.quick() if context.quick else settings

    def report(step: int, loss: float) -> None:
        context.progress(step, chosen.steps, f"loss {loss:.3f}")

    return train(training_task(student, context, chosen), chosen.optimization, work, report)


def estimate_training(student: Student, context: StepContext, settings: TrainingSettings) -> float:
    """Seconds of a training, from three steps of one part, run here."""
    chosen = settings.quick() if context.quick else settings
    # one part, in this process: the parts work at the same time
    alone = replace(chosen, batch=chosen.batch // chosen.parts, parts=1)
    task = training_task(student, context, alone)
    times: list[float] = []
    last = time.perf_counter()

    def report(_step: int, _loss: float) -> None:
        nonlocal last
        now = time.perf_counter()
        times.append(now - last)
        last = now

    train(task, alone.optimization, None, report, stop=_TRIAL_STEPS)
    return chosen.steps * min(times[1:] or times) * _crowding(chosen.parts, context.threads)


def _crowding(parts: int, threads: int) -> float:
    """How much longer a step takes when its processes share the processor's cores."""
    return max(1.0, parts / max(1, threads))
