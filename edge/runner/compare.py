"""An output against the one that it should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edge.predictor.npy import NpyError, read_npy
from edge.predictor.protocol import Array
from edge.runner.error import RunnerError


def read_expected(path: Path) -> Array:
    """The tensor in a file that ``--compare`` names.

    Raises:
        RunnerError: It cannot be read, or is not of float32.
    """
    try:
        tensor = read_npy(path)
        if tensor.dtype != np.float32:
            raise NpyError(f"it is of {tensor.dtype}, float32 is expected")
    except NpyError as error:
        raise RunnerError(f"--compare {path}: not a .npy tensor to compare with, {error}") from None
    except OSError as error:
        raise RunnerError(f"--compare {path}: cannot be read ({error.strerror})") from None
    return tensor


def compare(
    output: Array, expected: Array, source: Path, file: Path, tolerance: float
) -> tuple[float | None, str]:
    """Compare the output of an input with the one that is expected.

    Args:
        output: What the network gave.
        expected: What it should be; float32.
        source: The input's file, for the message.
        file: The expected output's, for the message.
        tolerance: Largest absolute difference.

    Returns:
        The largest absolute difference, None where there is none to tell; and what is amiss, empty where the
        output is as it should be.
    """
    subject = f"--compare {file}: the output of {source} "
    if output.dtype != np.float32:
        return None, f"{subject}is of {output.dtype}, float32 is expected"
    if output.shape != expected.shape:
        return None, f"{subject}has shape {output.shape}, {expected.shape} is expected"
    with np.errstate(invalid="ignore"):  # of infinities
        differences = np.abs(np.subtract(output, expected, dtype=np.float64))
    if not np.isfinite(differences).all():
        return None, f"{subject}holds what is no number"
    largest = float(differences.max(initial=0))
    failure = f"{subject}differs by {largest:.3g}, {tolerance:.3g} is allowed"
    return largest, "" if largest <= tolerance else failure
