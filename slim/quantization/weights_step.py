"""The step ``weights``: weights that are stored as integers, and computed with in float."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from edge.errors import ModelError
from slim.pipeline.step import Form, Precision, StepContext
from slim.program.merge import with_merged_convolutions
from slim.program.model_files import read_model, write_model
from slim.quantization.stored_weights import BITS, with_rounded_weights
from slim.recipes.fields import Fields


@dataclass(frozen=True)
class Weights:
    """Weight-only quantization; see :class:`slim.pipeline.step.Step`.

    Attributes:
        bits: Of a weight.
    """

    kind: ClassVar[str] = "weights"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"inference"})
    gives: ClassVar[Form | None] = "inference"

    bits: int

    @property
    def precision(self) -> Precision:
        """See :class:`slim.pipeline.step.Step`; from it ``convert`` knows how weights are to be stored."""
        return "int8-weights" if self.bits == 8 else "int16-weights"

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        return f"store weights of convolutions and linear layers in {self.bits} bits, compute in float"

    def estimate(self, before: Path, context: StepContext) -> float:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        return 1.0

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        # opt would merge these after they were rounded, and round the product once more
        model, stored = with_rounded_weights(with_merged_convolutions(read_model(before)), self.bits)
        if not stored:
            raise ModelError(before, "has no float weights to round", "start from a float model of the zoo")
        write_model(model, after)
        context.progress(1, 1, f"{stored} layers")


def parse(fields: Fields) -> Weights:
    """Read the step's part of a recipe.

    Raises:
        InputError: A value is impossible.
    """
    bits = fields.whole("bits", 8, least=8, most=16)
    if bits not in BITS:
        fields.refuse("bits", f"is {bits}", "write 8 or 16")
    return Weights(bits)
