"""What every evaluation is: raw results per image, and measures that follow from them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np

from slim.evaluation.bootstrap import FloatArray, Statistic, measured
from slim.evaluation.measure import Measure

Progress = Callable[[int, int], None]
"""Called with how many images are done, and how many there are."""


@dataclass(frozen=True)
class Score:
    """How a measure follows from counts.

    Attributes:
        statistic: From sums of counts to a share, 0 to 1 (errors may exceed 1).
        loss_sign: 1 where more is better, -1 where less is.
    """

    statistic: Statistic
    loss_sign: int = 1


class Evaluation(ABC):
    """Raw results of one network on some images."""

    scores: ClassVar[Mapping[str, Score]]
    """By the measure's name; the first is the one to look at."""

    @property
    @abstractmethod
    def images(self) -> Sequence[Path]:
        """The images, in their order."""

    @property
    @abstractmethod
    def counts(self) -> FloatArray:
        """What the measures follow from: float64 array (images, columns) that adds up over images."""

    @abstractmethod
    def case_json(self) -> list[dict[str, Any]]:
        """The raw result of every image as plain values."""

    def measures(self) -> Mapping[str, Measure]:
        """Every measure by its name, in %, with intervals over resampled images."""
        return measured(self.counts, {name: score.statistic for name, score in self.scores.items()})

    def to_json(self) -> dict[str, Any]:
        """Plain values: measures, and the raw result of every image."""
        return {
            "measures": {name: measure.to_json() for name, measure in self.measures().items()},
            "images": self.case_json(),
        }


E = TypeVar("E", bound=Evaluation)


def paired_loss(before: E, after: E, measure: str) -> Measure:
    """What a measure loses from one network to another on the same images, in points; a gain is negative.

    The interval is of the difference, from resamples that hold the same images for both: much narrower than
    those of the two values, because images are difficult or easy for both.

    Args:
        before: Of the network that is the standard.
        after: Of the other.
        measure: Name of one of the evaluations' measures.

    Raises:
        ValueError: The evaluations are not of the same kind and images.
        KeyError: They have no such measure.
    """
    return _losses(before, after, {measure: before.scores[measure]})[measure]


def paired_losses(before: E, after: E) -> Mapping[str, Measure]:
    """What every measure loses; see :func:`paired_loss`."""
    return _losses(before, after, before.scores)


def _losses(before: Evaluation, after: Evaluation, scores: Mapping[str, Score]) -> Mapping[str, Measure]:
    check_same_images(before, after)
    columns = before.counts.shape[1]

    def loss(score: Score) -> Statistic:
        return lambda sums: (
            score.loss_sign * (score.statistic(sums[..., :columns]) - score.statistic(sums[..., columns:]))
        )

    counts = np.concatenate([before.counts, after.counts], axis=1)
    return measured(counts, {name: loss(score) for name, score in scores.items()}, "points")


def check_same_images(one: Evaluation, other: Evaluation) -> None:
    """Make sure that two evaluations can be compared image by image.

    Raises:
        ValueError: They cannot.
    """
    if type(one) is not type(other):
        raise ValueError(f"{type(one).__name__} and {type(other).__name__} cannot be compared")
    if list(one.images) != list(other.images):
        raise ValueError("the evaluations are not of the same images in the same order")
