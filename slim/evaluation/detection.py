"""How well a network finds text: the ICDAR 2015 protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np

from edge.ocr.detect import TextDetector
from edge.ocr.image import load_image
from edge.ocr.parameters import DetectionParameters
from edge.ocr.result import TextBox
from edge.predictor.protocol import Predictor
from slim.data.labels import LabelledBox, LabelledPage
from slim.evaluation.bootstrap import FloatArray, share
from slim.evaluation.evaluation import Evaluation, Progress, Score
from slim.metrics import DetectionMatch, match_detection

_MATCHED, _DETECTED, _LABELLED = range(3)


def _precision(sums: FloatArray) -> FloatArray:
    return share(sums[..., _MATCHED], sums[..., _DETECTED])


def _recall(sums: FloatArray) -> FloatArray:
    return share(sums[..., _MATCHED], sums[..., _LABELLED])


def _hmean(sums: FloatArray) -> FloatArray:
    # 2·p·r / (p + r) with p = matched / detected and r = matched / labelled
    return share(2 * sums[..., _MATCHED], sums[..., _DETECTED] + sums[..., _LABELLED])


_SCORES: Final = {"hmean": Score(_hmean), "precision": Score(_precision), "recall": Score(_recall)}


@dataclass(frozen=True)
class PageCase:
    """One photograph: what is there, and what was found.

    Attributes:
        image: The file.
        boxes: The labelled regions.
        found: The detected regions, in pixels of the original picture.
    """

    image: Path
    boxes: tuple[LabelledBox, ...]
    found: tuple[TextBox, ...]

    @cached_property
    def match(self) -> DetectionMatch:
        """Which detection belongs to which labelled region."""
        return match_detection([box.quad for box in self.found], self.boxes)

    def to_json(self) -> dict[str, Any]:
        """Plain values; coordinates rounded to a tenth of a pixel."""
        return {
            "image": str(self.image),
            "matched": self.match.score.matched,
            "detected": self.match.score.detected,
            "labelled": self.match.score.labelled,
            "found": [
                {
                    "quad": [[round(float(x), 1), round(float(y), 1)] for x, y in box.quad],
                    "score": round(box.score, 4),
                    "counts": index not in self.match.ignored,
                }
                for index, box in enumerate(self.found)
            ],
            "found_as": list(self.match.found_as),
        }


@dataclass(frozen=True)
class DetectionEvaluation(Evaluation):
    """Raw results of a detector; measures ``hmean``, ``precision`` and ``recall``."""

    scores: ClassVar = _SCORES

    cases: tuple[PageCase, ...]

    @property
    def images(self) -> Sequence[Path]:
        """See :class:`Evaluation`."""
        return [case.image for case in self.cases]

    @cached_property
    def counts(self) -> FloatArray:
        """Detections that match, detections that count, labelled regions that count."""
        scores = [case.match.score for case in self.cases]
        rows = [(score.matched, score.detected, score.labelled) for score in scores]
        return np.array(rows, dtype=np.float64).reshape(-1, 3)

    def case_json(self) -> list[dict[str, Any]]:
        """See :class:`Evaluation`."""
        return [case.to_json() for case in self.cases]


def as_truth(found: Iterable[TextBox]) -> tuple[LabelledBox, ...]:
    """Boxes that a network found, to judge another one by; all count, their texts are empty."""
    return tuple(LabelledBox(box.quad, "", care=True) for box in found)


def evaluate_detection(
    predictor: Predictor,
    parameters: DetectionParameters,
    pages: Sequence[LabelledPage],
    *,
    progress: Progress | None = None,
) -> DetectionEvaluation:
    """Find the text of photographs and compare with their labels.

    Args:
        predictor: Runs the network; stays open.
        parameters: How input is prepared and output read.
        pages: The photographs.
        progress: Called after every photograph.

    Raises:
        ImageError: A photograph cannot be read.
        PredictorError: The inference process died, refused or hung.
        TensorError: The network is not for detection.
    """
    detector = TextDetector(predictor, parameters)
    cases = []
    for page in pages:
        loaded = load_image(page.image)
        scale = np.array(loaded.scale, dtype=np.float32)
        found = tuple(TextBox(box.quad * scale, box.score) for box in detector.detect(loaded.picture))
        cases.append(PageCase(page.image, page.boxes, found))
        if progress is not None:
            progress(len(cases), len(pages))
    return DetectionEvaluation(tuple(cases))
