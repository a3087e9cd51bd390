"""Weights that are stored as integers and computed with in float, as ``opt`` makes them at conversion.

``opt`` (``lite/core/optimizer/mir/post_quant_dynamic_pass.cc``, 2.13) rounds the weights of convolutions and
linear layers, each output channel to its own scale; those of depthwise and transposed convolutions and of the
LSTM it leaves. A model whose weights are rounded so already is what a device will compute with, and ``opt``
finds the same integers in it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from slim.program.model_files import InferenceModel
from slim.program.parameters import Values
from slim.quantization.layers import DEPTHWISE, channel_scales, layers_of

BITS: Final = (8, 16)


def with_rounded_weights(model: InferenceModel, bits: int) -> tuple[InferenceModel, int]:
    """A model with the weights that ``opt --weights`` will make of them.

    Args:
        model: A float model.
        bits: Of a weight, 8 or 16.

    Returns:
        The model, and how many of its layers were rounded.
    """
    values = dict(model.values)
    stored = [layer for layer in layers_of(model) if layer.kind != DEPTHWISE]
    for layer in stored:
        values[layer.weight] = rounded(model.values[layer.weight], layer.axis, bits)
    return InferenceModel(model.program, values), len(stored)


def rounded(weight: Values, axis: int, bits: int) -> Values:
    """A weight rounded to integers of some width, and back: float32 of the same shape."""
    levels = 2 ** (bits - 1) - 1
    shape = [1] * weight.ndim
    shape[axis] = -1
    scale = channel_scales(weight, axis).astype(np.float64).reshape(shape) / levels
    steps = np.divide(weight, scale, out=np.zeros(weight.shape), where=scale > 0)
    # halves away from zero, as round() of C++
    whole = np.copysign(np.floor(np.abs(steps) + 0.5), steps)
    return np.asarray(whole * scale, np.float32)
