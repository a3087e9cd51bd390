"""The step ``weights``: weights that are stored as integers, and computed with in float."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from edge.errors import ModelError
from slim.pipeline.step import Form, Precision, StepContext
from slim.program.model_files import read_model, write_model
from slim.quantization.calibration import calibration_pictures
from slim.quantization.stored_weights import BITS, stored_layers, with_rounded_weights
from slim.recipes.fields import Fields

QUICK_PICTURES: Final = 8
_GUESS: Final = 0.5
"""Seconds a picture, on the slow side: a whole step takes less than the estimate of another."""


@dataclass(frozen=True)
class Weights:
    """Weight-only quantization; see :class:`slim.pipeline.step.Step`.

    Attributes:
        bits: Of a weight.
        pictures: To round by; 0 to round each weight to the nearest. Without training data that is done too.
    """

    kind: ClassVar[str] = "weights"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"inference"})
    gives: ClassVar[Form | None] = "inference"

    bits: int
    pictures: int

    @property
    def precision(self) -> Precision:
        """See :class:`slim.pipeline.step.Step`; from it ``convert`` knows how weights are to be stored."""
        return "int8-weights" if self.bits == 8 else "int16-weights"

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        how = (
            f"rounded by what changes on {self.pictures} pictures"
            if self.pictures
            else "rounded to the nearest"
        )
        return f"store weights of convolutions and linear layers in {self.bits} bits, {how}; compute in float"

    def estimate(self, before: Path, context: StepContext) -> float:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        return 2.0 + _GUESS * self._count(context)

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        model = read_model(before)
        if not stored_layers(model):
            raise ModelError(before, "has no float weights to round", "start from a float model of the zoo")
        count, done = self._count(context), 0

        def told() -> None:
            nonlocal done
            done += 1
            context.progress(done, count + 1, "look at what weights are multiplied with")

        pictures = calibration_pictures(context, count) if count else None
        write_model(with_rounded_weights(model, self.bits, pictures, told), after)
        how = "" if count or not self.pictures else "; no pictures: each to the nearest"
        context.progress(count + 1, count + 1, f"rounded{how}")

    def _count(self, context: StepContext) -> int:
        wanted = min(self.pictures, QUICK_PICTURES) if context.quick else self.pictures
        return min(wanted, sum(len(data.images) for data in context.train))


def parse(fields: Fields) -> Weights:
    """Read the step's part of a recipe.

    Raises:
        InputError: A value is impossible.
    """
    bits = fields.whole("bits", 8, least=8, most=16)
    if bits not in BITS:
        fields.refuse("bits", f"is {bits}", "write 8 or 16")
    return Weights(bits, fields.whole("pictures", 64, most=10_000))
