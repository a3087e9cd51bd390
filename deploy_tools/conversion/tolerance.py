"""How much a device's output may differ from the golden one.

Measured on x86 (2.13rc0) and on ARM libraries under emulation (docs/measurements.md); a library that computes
garbage is off by about 0.9.
"""

from __future__ import annotations

from typing import Final

from edge.bundle.manifest import Task
from edge.nb.model import Precision

FLOAT: Final = 1e-3
"""Measured are 2e-4 and less."""
ROUNDED_MAP: Final = 1e-2
"""Of a detector's map with rounded weights: opt rounds in single precision, so that a few weights are one
step off; measured are 2e-4, and 3e-3 where 8 bits are too few for the model."""
STEADY: Final = 0.05
"""Of INT8 models, on an input that was chosen so that rounding hardly changes the output
(deploy_tools/conversion/steady.py); measured are 2e-5, once 7e-3."""
INTEGER: Final = 0.1
"""Of probabilities that were computed in half precision, or in 8 bits on any input."""
INTEGER_MAP: Final = 0.3
"""Of a detector's map in INT8 on any input: it is steep at the edge of every letter, where a step of 8 bits
before it is many. Measured are 0.03, 0.16 and, on another network, 0.57."""


def tolerance_of(task: Task, precision: Precision) -> float:
    """The largest absolute difference of a correct library, with some room above what was measured."""
    if precision == "fp32":
        return FLOAT
    if precision.endswith("-weights"):
        return ROUNDED_MAP if task == "det" else FLOAT
    return INTEGER_MAP if task == "det" and precision == "int8" else INTEGER
