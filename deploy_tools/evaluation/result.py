"""One or two models on the same data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from deploy_tools.evaluation.candidate import Candidate
from deploy_tools.evaluation.data import EvaluationData
from slim.evaluation import Evaluation, Measure, agreement, paired_losses


@dataclass(frozen=True)
class Judged:
    """A model, and what came out.

    Attributes:
        candidate: The model.
        device: Name of the device that ran it.
        evaluation: Its raw results.
    """

    candidate: Candidate
    device: str
    evaluation: Evaluation

    @cached_property
    def measures(self) -> Mapping[str, Measure]:
        """Every measure by its name."""
        return self.evaluation.measures()


@dataclass(frozen=True)
class Judgement:
    """What the command was asked for.

    Attributes:
        data: What the models ran on.
        model: The model in question.
        other: The one it is compared with; None where there is none.
    """

    data: EvaluationData
    model: Judged
    other: Judged | None = None

    @property
    def all(self) -> tuple[Judged, ...]:
        """The one or two models."""
        return (self.model,) if self.other is None else (self.model, self.other)

    def losses(self) -> Mapping[str, Measure]:
        """What the model loses against the other by measure; empty without another, or without labels."""
        if self.other is None or not self.data.labelled:
            return {}
        return paired_losses(self.other.evaluation, self.model.evaluation)

    def agreement(self) -> Measure | None:
        """How far the model gives what the other gives; None without another."""
        return None if self.other is None else agreement(self.other.evaluation, self.model.evaluation)
