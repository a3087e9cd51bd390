"""How sharp a detector's map is, brought to its teacher's.

What a small network is unsure of it answers with less than its teacher, whose boxes near the threshold are
then missed: of the boxes that a distilled detector missed nearly all had scores within 0.1 of the threshold.
Scale and offset of the logits are chosen so that the boxes of whole pages agree best (the two numbers of J.
Platt, Probabilistic Outputs for Support Vector Machines, 1999, fitted to decisions instead of
probabilities).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from edge.ocr.detect import boxes_from_map
from edge.ocr.parameters import DetectionParameters
from slim.data.labels import LabelledBox
from slim.metrics import DetectionScore, score_detection

SCALES: Final = (1.0, 1.15, 1.3, 1.5, 1.7, 2.0)
OFFSETS: Final = (-0.4, 0.0, 0.4, 0.8, 1.2)


@dataclass(frozen=True)
class Sharpness:
    """What logits are multiplied by, and what is added to them then."""

    scale: float = 1.0
    offset: float = 0.0

    def probabilities(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The map (H, W) that a network with this sharpness gives."""
        return np.asarray(expit(self.scale * logits + self.offset), dtype=np.float32)


CHOICES: Final = tuple(Sharpness(*pair) for pair in product(SCALES, OFFSETS))


@dataclass(frozen=True, eq=False)
class PageMaps:
    """One page as teacher and student see it.

    Attributes:
        size: Width and height of the picture.
        boxes: The teacher's, in pixels of the picture.
        logits: The student's map before its sigmoid, float32 (H, W).
    """

    size: tuple[int, int]
    boxes: tuple[LabelledBox, ...]
    logits: npt.NDArray[np.float32]


def score_choices(page: PageMaps, parameters: DetectionParameters) -> tuple[DetectionScore, ...]:
    """How the student's boxes agree with the teacher's on one page, for every one of `CHOICES`."""
    scores = []
    for choice in CHOICES:
        found = boxes_from_map(choice.probabilities(page.logits), page.size, parameters)
        scores.append(score_detection([box.quad for box in found], page.boxes))
    return tuple(scores)


def best_choice(scores: Iterable[Sequence[DetectionScore]]) -> tuple[Sharpness, float, float]:
    """The choice that agrees best over all pages; what is there already where none agrees better.

    Args:
        scores: Of every page, as from `score_choices`.

    Returns:
        The choice, and the hmean before and after, 0 to 1.
    """
    sums = [sum(column, DetectionScore()).hmean for column in zip(*scores, strict=True)]
    before = sums[CHOICES.index(Sharpness())]
    best = max(range(len(CHOICES)), key=lambda number: (sums[number], CHOICES[number] == Sharpness()))
    return CHOICES[best], before, sums[best]
