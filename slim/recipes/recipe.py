"""What a recipe says, as plain, immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from slim.pipeline.step import Step
from slim.zoo.entry import Kind, Task

FORMAT: Final = 1

MEASURES_OF: Final[dict[Task, tuple[str, ...]]] = {
    Task.DETECTION: ("hmean", "precision", "recall"),
    Task.RECOGNITION: ("exact", "alphanumeric", "cer"),
    Task.CLASSIFICATION: ("accuracy", "accuracy_in_use", "upright_kept", "turned_found"),
}
"""By task, as ``slim.evaluation`` names them."""

AGREEMENT: Final = "agreement"
"""With what the recipe began with: its answers are taken for the truth, so no labels are needed."""

COSTS: Final = ("parameters", "macs", "bytes", "nb_bytes")
"""Measures of every model, without data; ``bytes`` are those of the inference model's two files, ``nb_bytes``
those of the ``.nb`` that ``opt`` makes of it for ARM."""

Against = Literal["float", "published"]
"""The recipe's own beginning, or the publisher's slim model of the same row."""


@dataclass(frozen=True)
class FileSource:
    """Pictures of the user's: ``--train NAME=PATH``, ``--evaluate NAME=PATH``.

    Attributes:
        name: What the user names them by.
        labelled: Whether a label file is needed, or a folder of pictures will do.
        optional: Whether the recipe goes on without.
    """

    name: str
    labelled: bool
    optional: bool


@dataclass(frozen=True)
class SyntheticSource:
    """Text rendered for the recipe, with its labels.

    Attributes:
        name: For gates and the report.
        what: Whole pages, or single lines.
        count: How many of them.
        dictionary: File name of the zoo's dictionary whose characters are set; None for the model's own.
        optional: Whether the recipe goes on without, where the installed fonts lack the characters.
        seed: Mixed into the recipe's seed, so that training and evaluation never see the same pictures.
    """

    name: str
    what: Literal["pages", "lines"]
    count: int
    dictionary: str | None
    optional: bool
    seed: int


Source = FileSource | SyntheticSource


@dataclass(frozen=True)
class StepPlan:
    """A step and how long it may take.

    Attributes:
        step: The step with its settings.
        minutes: Expected at most, on two cores: a preview says where its estimate exceeds it. Not a limit:
            one in time would make the result depend on the machine.
    """

    step: Step
    minutes: float | None


@dataclass(frozen=True)
class Gate:
    """A measure that the result must hold.

    Exactly one of ``largest_loss``, ``least`` and ``most`` is given.

    Attributes:
        measure: What is measured.
        data: Name of the evaluation data; None for costs.
        largest_loss: By how many percentage points it may be worse than ``against``.
        against: What it is compared with, where ``largest_loss`` is given.
        least: It must be at least this: in %, costs in their own unit.
        most: It must be at most this, likewise.
        confident: Whether the interval's worse bound must hold too, not the figure alone.
    """

    measure: str
    data: str | None
    largest_loss: float | None
    against: Against
    least: float | None
    most: float | None
    confident: bool

    def line(self) -> str:
        """One line for people."""
        what = self.measure if self.data is None else f"{self.measure} on {self.data}"
        sure = ", its interval too" if self.confident else ""
        if self.largest_loss is not None:
            standard = "the model it is made of" if self.against == "float" else "the published slim model"
            return f"{what}: loses at most {self.largest_loss:g} points against {standard}{sure}"
        unit = "" if self.measure in COSTS else " %"
        limit = f"at least {self.least:,g}" if self.least is not None else f"at most {self.most:,.10g}"
        return f"{what}: {limit}{unit}{sure}"


@dataclass(frozen=True)
class Recipe:
    """A recipe, checked.

    Attributes:
        name: Of the result; where it is a row of the zoo, that row's published slim model is ``published``.
        description: One line for people.
        model: The zoo's model it begins with.
        kind: Which kind of it.
        seed: For all randomness.
        train: Data to train and calibrate on.
        evaluate: Data to measure on.
        steps: In their order.
        gates: What the result must hold.
        sha256: Of the file's text.
    """

    name: str
    description: str
    model: str
    kind: Kind
    seed: int
    train: tuple[Source, ...]
    evaluate: tuple[Source, ...]
    steps: tuple[StepPlan, ...]
    gates: tuple[Gate, ...]
    sha256: str

    @property
    def precision(self) -> str:
        """Of the result: that of the last step which changes it."""
        named = [plan.step.precision for plan in self.steps if plan.step.precision is not None]
        return named[-1] if named else "fp32"
