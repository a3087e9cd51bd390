"""The step ``distil``: fine-tune what there is to give what the original gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from slim.distillation.settings import TrainingSettings, estimate_training, parse_training, run_training
from slim.networks.stored import StoredNetwork, read_stored, weights_of, write_stored
from slim.pipeline.step import Form, Precision, StepContext
from slim.recipes.fields import Fields
from slim.training.student import Student


@dataclass(frozen=True)
class Distil:
    """Distillation from the network the recipe began with; see :class:`slim.pipeline.step.Step`."""

    kind: ClassVar[str] = "distil"
    revision: ClassVar[int] = 2
    takes: ClassVar[frozenset[Form]] = frozenset({"network"})
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    training: TrainingSettings

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        return (
            f"distil from the original: {self.training.steps} steps of {self.training.batch} pictures, "
            f"learning rate {self.training.rate:g}"
        )

    def estimate(self, before: Path, context: StepContext) -> float:
        """See :class:`slim.pipeline.step.Step`."""
        return estimate_training(Student(before), context, self.training)

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:
        """See :class:`slim.pipeline.step.Step`."""
        network = run_training(Student(before), context, self.training, work)
        write_stored(StoredNetwork(read_stored(before).plan, weights_of(network)), after)


def parse(fields: Fields) -> Distil:
    """Read the step's part of a recipe."""
    return Distil(parse_training(fields, steps=3000, rate=2e-3))
