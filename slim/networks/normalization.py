"""Batch normalization as it stands in the weights of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

ARRAYS: Final = ("weight", "bias", "_mean", "_variance")
"""What one consists of, in the names of Paddle's layer."""

EPSILON: Final = 1e-5
"""What Paddle's layer adds to variances."""


def slope_of(weights: Mapping[str, Any], norm: str) -> npt.NDArray[np.float64]:
    """What a normalization multiplies its channels with; (C,).

    Args:
        weights: Of the network, by the names of its state dict.
        norm: Key of the normalization.
    """
    scale, variance = (np.asarray(weights[f"{norm}.{name}"], np.float64) for name in ("weight", "_variance"))
    slope: npt.NDArray[np.float64] = scale / np.sqrt(variance + EPSILON)
    return slope
