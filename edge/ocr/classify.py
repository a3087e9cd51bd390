"""Angle classification: is a line upside down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from edge.errors import TensorError
from edge.ocr.lines import check_line_count, line_batch
from edge.ocr.parameters import ClassificationParameters
from edge.ocr.result import Angle
from edge.predictor.protocol import Array, Predictor

BATCH = 8


class AngleClassifier:
    """Tells lines that stand upside down.

    Args:
        predictor: Runs the network: float32 (N, 3, H, W) in, probabilities (N, 2) of 0° and 180° out.
        parameters: Input size and threshold.
    """

    def __init__(self, predictor: Predictor, parameters: ClassificationParameters | None = None) -> None:
        self.predictor = predictor
        self.parameters = parameters or ClassificationParameters()

    def classify(self, pictures: Sequence[Image.Image]) -> list[Angle]:
        """Classify line pictures (RGB), in their order.

        Raises:
            PredictorError: The inference process died, refused or hung.
            TensorError: The network's output is not that of an angle model for so many lines.
        """
        angles: list[Angle] = []
        for first in range(0, len(pictures), BATCH):
            batch = line_batch(pictures[first : first + BATCH], self.parameters.height, self.parameters.width)
            angles += angles_from(self.predictor.run([batch])[0], self.parameters, len(batch))
        return angles


def angles_from(output: Array, parameters: ClassificationParameters, lines: int) -> list[Angle]:
    """Read the network's probabilities (N, 2); they are a softmax already.

    Args:
        output: What the network gave.
        parameters: The threshold.
        lines: How many lines were given to the network: what N must be.

    Raises:
        TensorError: The output is not (N, 2), or N another number.
    """
    if output.ndim != 2 or output.shape[1] != 2:
        raise TensorError("classification output", f"has shape {output.shape}", "use an angle model: (N, 2)")
    check_line_count("classification output", output, lines)
    upside_down = np.asarray(output[:, 1], dtype=np.float64).tolist()
    return [Angle(p > parameters.threshold, max(p, 1 - p)) for p in upside_down]
