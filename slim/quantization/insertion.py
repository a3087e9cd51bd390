"""Quantizers in a program: what makes it compute as if in integers, and tells ``opt`` to do so.

In the form in which quantization-aware training exports them, which is also that of the published slim
models: each layer quantizes its weight by channel and its input by one number, and takes both back to float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from slim.program.model_files import InferenceModel
from slim.program.parameters import Values
from slim.program.program import Op, Variable, float_variable, truth_attribute, whole_attribute
from slim.quantization.layers import Layer, channel_scales

_BITS: Final = 8
_SMALLEST: Final = 1e-8
"""For a channel or an input that is always 0; the scale is divided by."""


def with_quantizers(model: InferenceModel, layers: Mapping[Layer, float]) -> InferenceModel:
    """A model whose layers quantize.

    Args:
        model: The float model.
        layers: Layers that quantize, each with the magnitude above which its input is clipped.
    """
    by_op = {layer.op: (layer, threshold) for layer, threshold in layers.items()}
    shapes = {one.name: one.shape for one in model.block.variables}
    ops: list[Op] = []
    variables: list[Variable] = []
    values: dict[str, Values] = dict(model.values)
    for number, op in enumerate(model.block.ops):
        if number not in by_op:
            ops.append(op)
            continue
        layer, threshold = by_op[number]
        weight = model.values[layer.weight]
        names = (f"{layer.weight}.q{number}", f"{layer.activation}.q{number}")
        scales = tuple(f"{name}.scale" for name in names)
        values[scales[0]] = np.maximum(channel_scales(weight, layer.axis), np.float32(_SMALLEST))
        values[scales[1]] = np.array([max(threshold, _SMALLEST)], np.float32)
        variables += [
            float_variable(names[0], weight.shape, persistable=False),
            float_variable(names[1], shapes[layer.activation], persistable=False),
            *(float_variable(name, values[name].shape, persistable=True) for name in scales),
        ]
        ops += [
            _weight_quantizer(layer, names[0], scales[0]),
            _input_quantizer(layer.activation, names[1], scales[1]),
        ]
        data_slot, weight_slot = layer.slots
        ops.append(replace(op, inputs={**op.inputs, data_slot: (names[1],), weight_slot: (names[0],)}))
    block = replace(model.block, ops=tuple(ops), variables=(*model.block.variables, *variables))
    return InferenceModel(replace(model.program, blocks=(block, *model.program.blocks[1:])), values)


def _weight_quantizer(layer: Layer, name: str, scale: str) -> Op:
    return Op(
        "fake_channel_wise_quantize_dequantize_abs_max",
        {"X": (layer.weight,)},
        {"Out": (name,), "OutScale": (scale,)},
        (whole_attribute("bit_length", _BITS), whole_attribute("quant_axis", layer.axis)),
    )


def _input_quantizer(activation: str, name: str, scale: str) -> Op:
    return Op(
        "fake_quantize_dequantize_moving_average_abs_max",
        {"X": (activation,), "InScale": (scale,)},
        {"Out": (name,), "OutScale": (scale,)},
        (whole_attribute("bit_length", _BITS), truth_attribute("is_test", True)),
    )
