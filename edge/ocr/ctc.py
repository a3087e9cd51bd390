"""Greedy CTC decoding (A. Graves et al., "Connectionist Temporal Classification", ICML 2006)."""

from __future__ import annotations

import numpy as np

from edge.errors import TensorError
from edge.ocr.charset import CharacterSet
from edge.ocr.lines import check_line_count
from edge.ocr.result import Recognition
from edge.predictor.protocol import Array

BLANK = 0


def decode(output: Array, characters: CharacterSet, lines: int) -> list[Recognition]:
    """Take the best class of every time step, merge repeats, drop blanks.

    Args:
        output: Probabilities (N, T, C); C is the number of classes.
        characters: The classes.
        lines: How many lines were given to the network: what N must be.

    Returns:
        N texts; the score is the mean probability of the steps that gave a character.

    Raises:
        TensorError: The output does not have the character set's number of classes, or is not of so many
            lines.
    """
    if output.ndim != 3 or output.shape[2] != len(characters):
        raise TensorError(
            "recognition output",
            f"has shape {output.shape}, where (N, T, {len(characters)}) is expected",
            "use the dictionary the model was trained with",
        )
    check_line_count("recognition output", output, lines)
    best = output.argmax(axis=2)
    probabilities = np.take_along_axis(output, best[:, :, None], axis=2)[:, :, 0]
    kept = best != BLANK
    kept[:, 1:] &= best[:, 1:] != best[:, :-1]
    return [
        Recognition("".join(characters.classes[i] for i in row[keep].tolist()), _mean(steps[keep]))
        for row, steps, keep in zip(best, probabilities, kept, strict=True)
    ]


def _mean(probabilities: Array) -> float:
    return float(probabilities.mean(dtype=np.float64)) if len(probabilities) else 0.0
