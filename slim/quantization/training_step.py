"""The step ``quantize-train``: train a network to compute in integers, and export it so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from slim.distillation.settings import TrainingSettings, estimate_training, parse_training, run_training
from slim.networks.stored import read_stored, weights_of
from slim.pipeline.step import Form, Precision, StepContext
from slim.quantization.aware import export_quantized
from slim.recipes.fields import Fields
from slim.training.student import Student


@dataclass(frozen=True)
class QuantizeTrain:
    """Quantization-aware training; see :class:`slim.pipeline.step.Step`."""

    kind: ClassVar[str] = "quantize-train"
    revision: ClassVar[int] = 2
    takes: ClassVar[frozenset[Form]] = frozenset({"network"})
    gives: ClassVar[Form | None] = "inference"
    precision: ClassVar[Precision | None] = "int8"

    training: TrainingSettings

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        return (
            f"train to compute in 8 bits, clipping learned, LSTM in float: {self.training.steps} steps of "
            f"{self.training.batch} pictures, learning rate {self.training.rate:g}"
        )

    def estimate(self, before: Path, context: StepContext) -> float:
        """See :class:`slim.pipeline.step.Step`."""
        return estimate_training(Student(before, quantized=True), context, self.training)

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:
        """See :class:`slim.pipeline.step.Step`."""
        network = run_training(Student(before, quantized=True), context, self.training, work)
        export_quantized(read_stored(before).plan, weights_of(network), after)


def parse(fields: Fields) -> QuantizeTrain:
    """Read the step's part of a recipe."""
    return QuantizeTrain(parse_training(fields, steps=1000, rate=5e-4))
