"""Channels of one size before a depthwise convolution, which has one scale for all of its input.

Between a batch norm and a depthwise convolution with ``relu`` in between, a channel can be made larger and
the filter that alone reads it smaller without any change of what comes out. Filters have a scale each, so
nothing is lost there. After Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
Correction", 2019, who take ranges from the batch norm too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from slim.program.model_files import InferenceModel
from slim.program.parameters import Values
from slim.program.program import Op

_DEVIATIONS: Final = 4.0
"""How far above its mean a channel reaches, in standard deviations."""
_MOST: Final = 32.0
"""Largest factor: of a channel that is hardly ever above 0 little is known."""


def equalized(model: InferenceModel) -> InferenceModel:
    """A model that computes the same, but for rounding, and loses less when it is quantized."""
    values = dict(model.values)
    for norm, convolution in _pairs(model):
        scale, bias = values[norm.inputs["Scale"][0]], values[norm.inputs["Bias"][0]]
        reach = np.maximum(bias + _DEVIATIONS * np.abs(scale), 0)
        factor = np.minimum(reach.max() / np.maximum(reach, 1e-8), _MOST).astype(np.float32)
        values[norm.inputs["Scale"][0]] = scale * factor
        values[norm.inputs["Bias"][0]] = bias * factor
        name = convolution.inputs["Filter"][0]
        values[name] = values[name] / factor[:, None, None, None]
    return InferenceModel(model.program, values)


def _pairs(model: InferenceModel) -> Iterator[tuple[Op, Op]]:
    """Batch norms and the depthwise convolutions behind them, nothing else reading what is in between."""
    ops = model.block.ops
    readers = Counter(name for op in ops for name in op.read)
    makers = {name: op for op in ops for name in op.written}
    for convolution in ops:
        if convolution.type not in ("depthwise_conv2d", "conv2d"):
            continue
        (between,) = convolution.inputs["Input"]
        relu = makers.get(between)
        if relu is None or relu.type != "relu" or readers[between] != 1:
            continue
        (before,) = relu.inputs["X"]
        norm = makers.get(before)
        if norm is None or norm.type != "batch_norm" or readers[before] != 1:
            continue
        weights = [*norm.inputs["Scale"], *norm.inputs["Bias"], *convolution.inputs["Filter"]]
        if all(name in model.values and readers[name] == 1 for name in weights) and _is_depthwise(
            model.values[weights[2]], model.values[weights[0]]
        ):
            yield norm, convolution


def _is_depthwise(filters: Values, scale: Values) -> bool:
    return filters.shape[:2] == (len(scale), 1)
