"""The step ``sensitivity``: measure what narrowing each part of the network costs; changes nothing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

import paddle

from slim.distillation.settings import TrainingSettings, sample_pictures, training_task
from slim.networks.channels import FIXED
from slim.networks.cost import UNUSED
from slim.networks.stored import NETWORK, WEIGHTS, StoredNetwork, read_stored
from slim.pipeline.step import Form, Precision, StepContext
from slim.pruning.cut import cut, most_important
from slim.pruning.importance import CRITERIA, Criterion
from slim.pruning.sensitivity import Sensitivity, read_sensitivity, write_sensitivity
from slim.pruning.statistics import StatisticsFitter
from slim.pruning.step import KERNEL_STEP
from slim.recipes.fields import Fields
from slim.training.statistics import freeze_statistics
from slim.training.student import Student
from slim.training.team import use_one_thread

_QUICK_BATCHES: Final = 1
_QUICK_KEPT: Final = 1


@dataclass(frozen=True)
class MeasureSensitivity:
    """Sensitivity analysis; see :class:`slim.pipeline.step.Step`.

    A narrowed network is judged by how far its outputs are from the original's on training pictures, with its
    statistics fitted (:mod:`slim.pruning.statistics`) and without any fine-tuning.

    Attributes:
        criterion: How channels are judged.
        kept: Shares of the channels that are tried, widest first.
        batches: Batches to judge on.
        batch: Pictures in each.
        parts: Names of the spans to try, ``*`` for any characters; all where empty.
    """

    kind: ClassVar[str] = "sensitivity"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"network"})
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    criterion: Criterion
    kept: tuple[float, ...]
    batches: int
    batch: int
    parts: tuple[str, ...] = ()

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        shares = ", ".join(f"{100 * share:g} %" for share in self.kept)
        return f"measure what it costs to keep {shares} of the channels of each part"

    def estimate(self, before: Path, context: StepContext) -> float:
        """See :class:`slim.pipeline.step.Step`."""
        stored = read_stored(before)
        trials = list(self._trials(stored, context))
        fitter, loss = self._judge(before, context)
        started = time.perf_counter()
        loss(self._narrowed(stored, fitter, *trials[0]))
        return (time.perf_counter() - started) * (len(trials) + 1)

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:
        """See :class:`slim.pipeline.step.Step`."""
        stored = read_stored(before)
        done = read_sensitivity(work)
        curves = {span: dict(curve) for span, curve in done.curves.items()} if done else {}
        trials = list(self._trials(stored, context))
        fitter, loss = self._judge(before, context)
        full = loss(stored.build())
        widths = stored.build().ledger.widths
        for number, (span, width) in enumerate(trials, 1):
            curve = curves.setdefault(span, {widths[span]: 0.0})
            if width not in curve:
                curve[width] = loss(self._narrowed(stored, fitter, span, width)) - full
                write_sensitivity(_sensitivity(curves), work)
            context.progress(number, len(trials), f"{span} {width}")
        for name in (NETWORK, WEIGHTS):
            shutil.copyfile(before / name, after / name)
        write_sensitivity(_sensitivity(curves), after)

    def _trials(self, stored: StoredNetwork, context: StepContext) -> Iterator[tuple[str, int]]:
        """Spans and widths to try."""
        for span, width in stored.build().ledger.widths.items():
            if span == FIXED or span.startswith(UNUSED) or width <= KERNEL_STEP:
                continue
            if self.parts and not any(fnmatchcase(span, part) for part in self.parts):
                continue
            tried = set()
            for share in self.kept[:_QUICK_KEPT] if context.quick else self.kept:
                narrower = max(KERNEL_STEP, round(share * width / KERNEL_STEP) * KERNEL_STEP)
                if narrower < width and narrower not in tried:
                    tried.add(narrower)
                    yield span, narrower

    def _narrowed(self, stored: StoredNetwork, fitter: StatisticsFitter, span: str, width: int) -> Any:
        kept = most_important(stored, {span: width}, self.criterion)
        return fitter.fit(cut(stored, kept), kept).build()

    def _judge(self, before: Path, context: StepContext) -> tuple[StatisticsFitter, Callable[[Any], float]]:
        """What fits networks, and what gives their mean loss over the batches."""
        use_one_thread()
        job = training_task(Student(before), context, TrainingSettings.to_look(self.batch)).build()
        batches = [
            job.batch(number, 0) for number in range(_QUICK_BATCHES if context.quick else self.batches)
        ]

        def loss(network: Any) -> float:
            # training, because heads give logits then; statistics frozen
            network.train()
            freeze_statistics(network)
            with paddle.no_grad():
                return float(sum(float(job.loss(network, batch)) for batch in batches) / len(batches))

        return StatisticsFitter(read_stored(before), next(sample_pictures(before, context))), loss


def _sensitivity(curves: dict[str, dict[int, float]]) -> Sensitivity:
    return Sensitivity(MappingProxyType({span: MappingProxyType(curve) for span, curve in curves.items()}))


def parse(fields: Fields) -> MeasureSensitivity:
    """Read the step's part of a recipe."""
    criterion = fields.choice("criterion", CRITERIA, "fpgm")
    kept = fields.numbers("kept", (0.75, 0.5), least=0.05, most=0.95)
    return MeasureSensitivity(
        criterion,
        tuple(sorted(kept, reverse=True)),
        fields.whole("batches", 4, least=1, most=1000),
        fields.whole("batch", 4, least=1, most=256),
        fields.texts("parts", ()),
    )
