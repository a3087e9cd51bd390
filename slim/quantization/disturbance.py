"""Models that differ from one in the seventh digit, as sums of floats do that are taken in another order.

In 8 bits that decides which of two integers a value becomes that lies between them; where that happens
early, the whole output is another one. So two correct libraries may differ by much, on some inputs.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from slim.program.model_files import InferenceModel
from slim.program.program import Op

DISTURBANCE: Final = 5e-7
"""Standard deviation of the change of a parameter, as a share of it: four roundings of single precision."""


def with_disturbance(model: InferenceModel, seed: int) -> InferenceModel:
    """A model whose vectors (gains and shifts of batch norms, biases) are changed in the seventh digit.

    Weights and scales of quantizers stay: what is computed with integers is the same everywhere. So do means
    and variances, which come to the same as gains and shifts.

    Args:
        model: Any; its layers may quantize.
        seed: Another one gives another model.
    """
    rng = np.random.default_rng(seed)
    kept = {name for op in model.block.ops for name in _kept(op)}
    values = dict(model.values)
    for name in sorted(values):
        value = values[name]
        if name not in kept and value.ndim == 1 and value.dtype == np.float32:
            factors = 1 + DISTURBANCE * rng.standard_normal(value.shape)
            values[name] = np.asarray(value * factors, np.float32)
    return InferenceModel(model.program, values)


def _kept(op: Op) -> tuple[str, ...]:
    if op.type.startswith("fake_"):
        return op.read
    slots = ("Mean", "Variance") if op.type == "batch_norm" else ()
    return tuple(name for slot in slots for name in op.inputs[slot])
