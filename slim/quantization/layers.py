"""Layers of an inference model that can compute in integers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from slim.program.model_files import InferenceModel
from slim.program.parameters import Values

CONVOLUTION, DEPTHWISE, LINEAR = "convolution", "depthwise", "linear"

_KINDS: Final[Mapping[str, tuple[str, str, str, int]]] = MappingProxyType(
    {
        "conv2d": (CONVOLUTION, "Input", "Filter", 0),
        "depthwise_conv2d": (DEPTHWISE, "Input", "Filter", 0),
        "mul": (LINEAR, "X", "Y", 1),
        "matmul": (LINEAR, "X", "Y", 1),
        "matmul_v2": (LINEAR, "X", "Y", 1),
    }
)
"""Op: kind, slots of activation and weight, axis of the weight's output channels. As in training the LSTM and
transposed convolutions are none."""
_TURNED: Final = ("trans_x", "trans_y", "transpose_X", "transpose_Y")


@dataclass(frozen=True)
class Layer:
    """A convolution or linear layer.

    Attributes:
        name: The variable that it writes.
        kind: ``convolution``, ``depthwise`` or ``linear``.
        op: Its place among the ops of the main block.
        activation: The variable that comes in.
        weight: The variable of its weight.
        slots: Of both.
        axis: Of the weight's output channels.
    """

    name: str
    kind: str
    op: int
    activation: str
    weight: str
    slots: tuple[str, str]
    axis: int


def layers_of(model: InferenceModel) -> list[Layer]:
    """The layers of a model that can compute in integers, in the order in which they run."""
    layers = []
    for number, op in enumerate(model.block.ops):
        if op.type not in _KINDS or any(op.value(name) for name in _TURNED):
            continue
        kind, data_slot, weight_slot, axis = _KINDS[op.type]
        activation, weight = op.inputs[data_slot][0], op.inputs[weight_slot][0]
        value = model.values.get(weight)
        if value is None or activation in model.values or value.ndim != (2 if kind == LINEAR else 4):
            continue  # a product of two activations, or already quantized
        layers.append(Layer(op.written[0], kind, number, activation, weight, (data_slot, weight_slot), axis))
    return layers


def channel_scales(weight: Values, axis: int) -> Values:
    """The largest magnitude in every output channel: float32 (channels,)."""
    others = tuple(number for number in range(weight.ndim) if number != axis)
    return np.asarray(np.abs(weight).max(axis=others), np.float32)
