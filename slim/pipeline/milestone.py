"""A model on its way: what it is after a step, and what was measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slim.evaluation import Evaluation, Measure, agreement, paired_loss
from slim.pipeline.data import DataSet
from slim.pipeline.state import StateCost
from slim.pipeline.step import Precision
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE
from slim.zoo.entry import Task


@dataclass(frozen=True)
class Milestone:
    """A model after a step, at the beginning, or a published one beside them.

    Attributes:
        key: ``0`` for the beginning, then the step's number; ``published``.
        label: For people: ``float``, the kind of the step, ``published``.
        description: One line.
        state: The state.
        model: Folder of its inference model.
        precision: What it computes in.
        cost: Parameters and operations.
        nb_bytes: Size of its ``.nb`` for ARM; None where nothing converts.
        evaluations: Raw results on Paddle, by data set.
        seconds: The step took, over all attempts; None where there was none.
    """

    key: str
    label: str
    description: str
    state: Path
    model: Path
    precision: Precision
    cost: StateCost
    nb_bytes: int | None
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    seconds: float | None = None

    @property
    def bytes(self) -> int:
        """Size of the inference model's two files."""
        return sum((self.model / name).stat().st_size for name in (MODEL_FILE, PARAMS_FILE))

    @property
    def costs(self) -> dict[str, int]:
        """What :data:`slim.recipes.recipe.COSTS` are."""
        costs = {"parameters": self.cost.parameters, "macs": self.cost.macs, "bytes": self.bytes}
        return costs if self.nb_bytes is None else {**costs, "nb_bytes": self.nb_bytes}


@dataclass(frozen=True)
class Accuracy:
    """Measures on one data set.

    Attributes:
        measures: By name; empty without labels.
        losses: Against the beginning, in points; empty for the beginning itself.
        agreement: With the beginning; None for the beginning itself.
    """

    measures: Mapping[str, Measure]
    losses: Mapping[str, Measure]
    agreement: Measure | None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "measures": {name: one.to_json() for name, one in self.measures.items()},
            "losses": {name: one.to_json() for name, one in self.losses.items()},
            "agreement": self.agreement.to_json() if self.agreement else None,
        }


def accuracies(
    found: Mapping[str, Evaluation],
    beginning: Mapping[str, Evaluation],
    sets: Mapping[str, DataSet],
    task: Task,
) -> dict[str, Accuracy]:
    """All measures of a model, by data set.

    Args:
        found: Its raw results.
        beginning: Those of the model the recipe began with; the same object for that model itself.
        sets: The data.
        task: What the model is for.
    """
    measured = {}
    for name, ours in found.items():
        theirs = beginning[name]
        judged = sets[name].labelled or task is Task.CLASSIFICATION
        measured[name] = Accuracy(
            ours.measures() if judged else {},
            {one: paired_loss(theirs, ours, one) for one in ours.scores}
            if judged and found is not beginning
            else {},
            agreement(theirs, ours) if found is not beginning else None,
        )
    return measured
