"""What a run gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from slim.evaluation import Evaluation
from slim.pipeline.data import DataSet
from slim.pipeline.gates import Verdict
from slim.pipeline.milestone import Accuracy, Milestone
from slim.recipes.recipe import Recipe
from slim.zoo.entry import Entry

Judgement = Literal["passed", "failed", "not judged"]


@dataclass(frozen=True)
class Findings:
    """Everything that is known of a finished run, for its manifest and its report.

    Attributes:
        recipe: What was done.
        entry: The model it began with.
        quick: Whether it was an early look.
        milestones: The beginning, every step; the last one is the result.
        published: The published slim model, where a gate compares with it.
        accuracies: By the milestone's key, then by data set, on Paddle.
        sets: The data it was measured on, by name.
        verdicts: On the gates, in the recipe's order.
        place: Name of the device the result was measured on; None for Paddle's simulation alone.
        place_accuracies: Of the result there, by data set.
        place_evaluations: Raw results there.
        latency_ms: Samples on this host by the milestone's key.
        remarks: What a reader should know.
    """

    recipe: Recipe
    entry: Entry
    quick: bool
    milestones: Sequence[Milestone]
    published: Milestone | None
    accuracies: Mapping[str, Mapping[str, Accuracy]]
    sets: Mapping[str, DataSet]
    verdicts: Sequence[Verdict]
    place: str | None
    place_accuracies: Mapping[str, Accuracy]
    place_evaluations: Mapping[str, Evaluation]
    latency_ms: Mapping[str, Sequence[float]]
    remarks: Sequence[str]

    @property
    def beginning(self) -> Milestone:
        """The model the recipe began with."""
        return self.milestones[0]

    @property
    def result(self) -> Milestone:
        """The model it gave."""
        return self.milestones[-1]

    @property
    def judgement(self) -> Judgement:
        """Of all gates together; an early look is not judged."""
        if self.quick or not self.verdicts or all(one.passed is None for one in self.verdicts):
            return "not judged"
        return "failed" if any(one.passed is False for one in self.verdicts) else "passed"


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        out: Folder of the result.
        manifest: What stands in its manifest.
        kept: Whether it was there already, and nothing was done.
        findings: None where it was there already.
    """

    out: Path
    manifest: Mapping[str, Any]
    kept: bool
    findings: Findings | None

    @property
    def failed(self) -> bool:
        """Whether a gate was failed."""
        return self.manifest.get("gates") == "failed"
