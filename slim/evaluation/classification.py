"""How well a network tells lines that stand upside down: every line is judged upright and turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge.ocr.classify import AngleClassifier
from edge.ocr.image import load_image
from edge.ocr.parameters import ClassificationParameters
from edge.predictor.protocol import Predictor
from slim.data.labels import LabelledLine
from slim.evaluation.bootstrap import FloatArray, share
from slim.evaluation.evaluation import Evaluation, Progress, Score

CHUNK: Final = 64
"""Line pictures in memory at once."""

_EVEN: Final = 0.5
_RIGHT, _UPRIGHT, _TURNED, _LINES = range(4)
_SCORES: Final = {
    "accuracy": Score(lambda sums: share(sums[..., _RIGHT], 2 * sums[..., _LINES])),
    "accuracy_in_use": Score(
        lambda sums: share(sums[..., _UPRIGHT] + sums[..., _TURNED], 2 * sums[..., _LINES])
    ),
    "upright_kept": Score(lambda sums: share(sums[..., _UPRIGHT], sums[..., _LINES])),
    "turned_found": Score(lambda sums: share(sums[..., _TURNED], sums[..., _LINES])),
}


@dataclass(frozen=True)
class AngleCase:
    """One line picture, judged twice.

    Attributes:
        image: The file; the line in it stands upright.
        upright: Probability of 180° that the network gave it as it is.
        turned: Probability of 180° that the network gave it turned by 180°.
    """

    image: Path
    upright: float
    turned: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"image": str(self.image), "upright": round(self.upright, 4), "turned": round(self.turned, 4)}


@dataclass(frozen=True)
class ClassificationEvaluation(Evaluation):
    """Raw results of an angle classifier.

    Measures: ``accuracy`` (the more probable angle is the right one) and, decided by the threshold above
    which the pipeline turns a line, ``accuracy_in_use`` with its two halves, ``upright_kept`` and
    ``turned_found``.

    Attributes:
        cases: Every line.
        threshold: Probability of 180° above which the pipeline turns a line.
    """

    scores: ClassVar = _SCORES

    cases: tuple[AngleCase, ...]
    threshold: float

    @property
    def images(self) -> Sequence[Path]:
        """See :class:`Evaluation`."""
        return [case.image for case in self.cases]

    @property
    def decisions(self) -> npt.NDArray[np.bool_]:
        """Bool array (lines, 2): whether the pipeline would turn the line as it is, and the line turned."""
        decisions: npt.NDArray[np.bool_] = self._probabilities > self.threshold
        return decisions

    @cached_property
    def counts(self) -> FloatArray:
        """Right answers of two, whether the upright line is kept, whether the turned one is found, and 1."""
        upright, turned = (self._probabilities > _EVEN).T
        kept, found = ~self.decisions[:, 0], self.decisions[:, 1]
        right = (~upright).astype(np.float64) + turned
        columns = [right, kept, found, np.ones(len(self.cases))]
        counts: FloatArray = np.stack(columns, axis=1).astype(np.float64)
        return counts

    @property
    def _probabilities(self) -> FloatArray:
        rows = [(case.upright, case.turned) for case in self.cases]
        return np.array(rows, dtype=np.float64).reshape(-1, 2)

    def case_json(self) -> list[dict[str, Any]]:
        """See :class:`Evaluation`."""
        return [case.to_json() for case in self.cases]


def evaluate_classification(
    predictor: Predictor,
    parameters: ClassificationParameters,
    lines: Sequence[LabelledLine] | Sequence[Path],
    *,
    progress: Progress | None = None,
) -> ClassificationEvaluation:
    """Judge upright line pictures as they are and turned by 180°.

    Args:
        predictor: Runs the network; stays open.
        parameters: Input size and threshold.
        lines: The pictures; their texts do not matter.
        progress: Called from time to time.

    Raises:
        ImageError: A picture cannot be read.
        PredictorError: The inference process died, refused or hung.
        TensorError: The network is not an angle classifier.
    """
    # at even odds an angle's score tells the probability of both classes
    classifier = AngleClassifier(predictor, replace(parameters, threshold=_EVEN))
    images = [line.image if isinstance(line, LabelledLine) else line for line in lines]
    cases: list[AngleCase] = []
    for first in range(0, len(images), CHUNK):
        part = images[first : first + CHUNK]
        pictures = [load_image(image).picture for image in part]
        turned = [picture.transpose(Image.Transpose.ROTATE_180) for picture in pictures]
        angles = classifier.classify([*pictures, *turned])
        probabilities = [angle.score if angle.rotated else 1 - angle.score for angle in angles]
        cases += [
            AngleCase(*each)
            for each in zip(part, probabilities[: len(part)], probabilities[len(part) :], strict=True)
        ]
        if progress is not None:
            progress(len(cases), len(images))
    return ClassificationEvaluation(tuple(cases), parameters.threshold)
