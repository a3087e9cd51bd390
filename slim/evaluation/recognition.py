"""How well a network reads line pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np

from edge.ocr.charset import CharacterSet
from edge.ocr.image import load_image
from edge.ocr.parameters import RecognitionParameters
from edge.ocr.recognize import TextRecognizer
from edge.predictor.protocol import Predictor
from slim.data.labels import LabelledLine
from slim.evaluation.bootstrap import FloatArray, share
from slim.evaluation.evaluation import Evaluation, Progress, Score
from slim.metrics import alphanumeric, edit_distance

CHUNK: Final = 64
"""Pictures in memory at once: lines of like width go to the network together."""

_EXACT, _ALPHANUMERIC, _EDITS, _CHARACTERS, _LINES = range(5)
_SCORES: Final = {
    "exact": Score(lambda sums: share(sums[..., _EXACT], sums[..., _LINES])),
    "alphanumeric": Score(lambda sums: share(sums[..., _ALPHANUMERIC], sums[..., _LINES])),
    "cer": Score(lambda sums: share(sums[..., _EDITS], sums[..., _CHARACTERS]), loss_sign=-1),
}


@dataclass(frozen=True)
class LineCase:
    """One line picture: what stands there, and what was read.

    Attributes:
        image: The file.
        text: What stands there, without white space around it.
        read: What was read, likewise, as the pipeline gives it.
        score: Mean probability of the characters read, 0 to 1.
    """

    image: Path
    text: str
    read: str
    score: float

    @property
    def exact(self) -> bool:
        """Whether every character is right."""
        return self.read == self.text

    @property
    def alphanumeric(self) -> bool:
        """Whether letters and digits are right, in upper or lower case."""
        return alphanumeric(self.read) == alphanumeric(self.text)

    @cached_property
    def edits(self) -> int:
        """Edit distance."""
        return edit_distance(self.read, self.text)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "image": str(self.image),
            "text": self.text,
            "read": self.read,
            "score": round(self.score, 4),
            "edits": self.edits,
        }


@dataclass(frozen=True)
class RecognitionEvaluation(Evaluation):
    """Raw results of a recognizer.

    Measures: ``exact`` (lines without a mistake), ``alphanumeric`` (only letters and digits are compared, and
    case does not matter) and ``cer``, the character error rate, of which less is better.
    """

    scores: ClassVar = _SCORES

    cases: tuple[LineCase, ...]

    @property
    def images(self) -> Sequence[Path]:
        """See :class:`Evaluation`."""
        return [case.image for case in self.cases]

    @cached_property
    def counts(self) -> FloatArray:
        """Exact, alphanumeric, edits, characters of the truth, and 1 for the line."""
        rows = [(case.exact, case.alphanumeric, case.edits, len(case.text), 1) for case in self.cases]
        return np.array(rows, dtype=np.float64).reshape(-1, 5)

    def case_json(self) -> list[dict[str, Any]]:
        """See :class:`Evaluation`."""
        return [case.to_json() for case in self.cases]


def evaluate_recognition(
    predictor: Predictor,
    characters: CharacterSet,
    parameters: RecognitionParameters,
    lines: Sequence[LabelledLine],
    *,
    progress: Progress | None = None,
) -> RecognitionEvaluation:
    """Read line pictures and compare with their labels.

    Args:
        predictor: Runs the network; stays open.
        characters: The network's classes.
        parameters: Input height and widths.
        lines: The pictures.
        progress: Called from time to time.

    Raises:
        ImageError: A picture cannot be read.
        PredictorError: The inference process died, refused or hung.
        TensorError: The network is not for recognition, or for other characters.
    """
    recognizer = TextRecognizer(predictor, characters, parameters)
    cases: list[LineCase] = []
    for first in range(0, len(lines), CHUNK):
        part = lines[first : first + CHUNK]
        texts = recognizer.recognize([load_image(line.image).picture for line in part])
        cases += [
            LineCase(line.image, line.text.strip(), text.text.strip(), text.score)
            for line, text in zip(part, texts, strict=True)
        ]
        if progress is not None:
            progress(len(cases), len(lines))
    return RecognitionEvaluation(tuple(cases))
