"""Weights that are stored as integers and computed with in float, as ``opt`` makes them at conversion.

``opt`` (``lite/core/optimizer/mir/post_quant_dynamic_pass.cc``, 2.13) rounds the weights of convolutions and
linear layers, each output channel to its own scale; those of depthwise and transposed convolutions and of the
LSTM it leaves. A model whose weights are rounded so already is what a device will compute with, and ``opt``
finds the same integers in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from edge.predictor.protocol import Array
from slim.program.merge import with_merged_convolutions
from slim.program.model_files import InferenceModel, write_model
from slim.program.parameters import Values
from slim.quantization.calibration import CalibrationPictures, observe
from slim.quantization.compensation import Moments, compensated
from slim.quantization.layers import DEPTHWISE, Layer, channel_scales, layers_of

BITS: Final = (8, 16)


def stored_layers(model: InferenceModel) -> list[Layer]:
    """The layers whose weights ``opt`` rounds."""
    return [layer for layer in layers_of(model) if layer.kind != DEPTHWISE]


def with_rounded_weights(
    model: InferenceModel,
    bits: int,
    pictures: CalibrationPictures | None = None,
    told: Callable[[], None] | None = None,
) -> InferenceModel:
    """A model with the weights that ``opt --weights`` will make of them.

    Args:
        model: A float model.
        bits: Of a weight, 8 or 16.
        pictures: To round so that little changes on these; None to round each weight to the nearest.
        told: Called after every picture.

    Raises:
        ModelError: Paddle cannot run the model.
        ImageError: A picture cannot be read.
    """
    # opt would merge these after they were rounded, and round the product once more
    model = with_merged_convolutions(model)
    layers = stored_layers(model)
    moments = _moments(model, layers, pictures, told) if pictures is not None else {}
    values = dict(model.values)
    for layer in layers:
        weight = model.values[layer.weight]
        values[layer.weight] = (
            compensated(weight, layer.axis, bits, moments[layer].products)
            if layer in moments
            else rounded(weight, layer.axis, bits)
        )
    return InferenceModel(model.program, values)


def _moments(
    model: InferenceModel,
    layers: list[Layer],
    pictures: CalibrationPictures,
    told: Callable[[], None] | None,
) -> Mapping[Layer, Moments]:
    moments = {
        layer: Moments(layer, model.block.ops[layer.op], model.values[layer.weight]) for layer in layers
    }

    def look(values: Mapping[str, Array]) -> None:
        for layer, one in moments.items():
            one.add(values[layer.activation])
        if told is not None:
            told()

    with tempfile.TemporaryDirectory(prefix="ppocr-edge-float-") as folder:
        write_model(model, Path(folder))
        observe(Path(folder), [layer.activation for layer in layers], pictures, look)
    return moments


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
