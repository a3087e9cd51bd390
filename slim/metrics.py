"""How good a model reads: the measures of the field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.geometry import intersection_area, intersection_over_union, polygon_area
from edge.ocr.result import Quad
from slim.data.labels import LabelledBox

IOU_THRESHOLD = 0.5


def edit_distance(first: Sequence[object], second: Sequence[object]) -> int:
    """Least number of insertions, deletions and substitutions (V. Levenshtein, 1966)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def character_error_rate(read: Sequence[str], truth: Sequence[str]) -> float:
    """Edits over all lines divided by characters of the truth; may exceed 1.

    Args:
        read: Texts that were read.
        truth: What stands there, in the same order.
    """
    edits = sum(edit_distance(a, b) for a, b in zip(read, truth, strict=True))
    return edits / max(1, sum(map(len, truth)))


def alphanumeric(text: str) -> str:
    """Letters and digits in lower case: the usual comparison on ICDAR word crops."""
    return "".join(character for character in text.lower() if character.isalnum())


@dataclass(frozen=True)
class DetectionScore:
    """Counts of a detection evaluation; add up over images.

    Attributes:
        matched: Detections that match a labelled box.
        detected: Detections that count.
        labelled: Labelled boxes that count.
    """

    matched: int = 0
    detected: int = 0
    labelled: int = 0

    def __add__(self, other: DetectionScore) -> DetectionScore:
        return DetectionScore(
            self.matched + other.matched, self.detected + other.detected, self.labelled + other.labelled
        )

    @property
    def precision(self) -> float:
        """Share of detections that are right."""
        return self.matched / self.detected if self.detected else 0.0

    @property
    def recall(self) -> float:
        """Share of labelled boxes that were found."""
        return self.matched / self.labelled if self.labelled else 0.0

    @property
    def hmean(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class DetectionMatch:
    """Which detections of one image belong to which labelled boxes.

    Attributes:
        found_as: For every labelled box the index of the detection that matches it; None where none does, and
            for regions that do not count.
        ignored: Indices of detections that do not count.
        score: The counts that follow.
    """

    found_as: tuple[int | None, ...]
    ignored: frozenset[int]
    score: DetectionScore


def score_detection(found: Sequence[Quad], labels: Sequence[LabelledBox]) -> DetectionScore:
    """The counts of :func:`match_detection`."""
    return match_detection(found, labels).score


def match_detection(found: Sequence[Quad], labels: Sequence[LabelledBox]) -> DetectionMatch:
    """Match the boxes of one image by the ICDAR 2015 protocol (Challenge 4, task 1).

    A box matches when its IoU with a labelled box exceeds 0.5, one to one. Detections that lie by more than
    half of their area in a don't-care region do not count.

    Args:
        found: Detected quadrilaterals, convex.
        labels: Labelled boxes, of any shape.
    """
    ignored = frozenset(
        index
        for index, quad in enumerate(found)
        if any(not label.care and _covered(quad, label.quad) > IOU_THRESHOLD for label in labels)
    )
    free = [index for index in range(len(found)) if index not in ignored]
    found_as: list[int | None] = []
    for label in labels:
        matching = (index for index in free if label.care and _overlap(label.quad, found[index]))
        taken = next(matching, None)
        found_as.append(taken)
        if taken is not None:
            free.remove(taken)
    score = DetectionScore(
        matched=sum(index is not None for index in found_as),
        detected=len(found) - len(ignored),
        labelled=sum(label.care for label in labels),
    )
    return DetectionMatch(tuple(found_as), ignored, score)


def _overlap(label: Quad, quad: Quad) -> bool:
    """Whether a detection is a labelled box's."""
    return not _apart(label, quad) and intersection_over_union(label, quad) > IOU_THRESHOLD


def _covered(quad: Quad, region: Quad) -> float:
    """Share of a quadrilateral's area that lies in a region."""
    area = polygon_area(quad)
    return intersection_area(region, quad) / area if area and not _apart(quad, region) else 0.0


def _apart(first: Quad, second: Quad) -> bool:
    """Whether the upright rectangles around two polygons have nothing in common: most pairs of a page."""
    low = np.maximum(first.min(axis=0), second.min(axis=0))
    high = np.minimum(first.max(axis=0), second.max(axis=0))
    return bool((low > high).any())
