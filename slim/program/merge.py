"""Convolutions that ``opt`` would make one of: done here, where what it computes must be known beforehand.

A convolution, a batch norm and a convolution of 1×1 with nothing in between are one convolution
(``lite/core/optimizer/mir/fusion/conv_conv_fuser.cc``, Paddle-Lite 2.13).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from slim.program.model_files import InferenceModel
from slim.program.parameters import Values
from slim.program.program import Op, float_variable, whole_attribute

_PLAIN: Final = {"strides": (1, 1), "dilations": (1, 1), "groups": 1}
_NONE: Final = ((0, 0), (0, 0, 0, 0))


@dataclass(frozen=True)
class _Chain:
    """Numbers of the three ops in their block."""

    first: int
    norm: int
    second: int


def with_merged_convolutions(model: InferenceModel) -> InferenceModel:
    """A model that computes the same, but for rounding, in fewer convolutions."""
    while (chain := next(_chains(model), None)) is not None:
        model = _merged(model, chain)
    return model


def _chains(model: InferenceModel) -> Iterator[_Chain]:
    ops = model.block.ops
    readers = Counter(name for op in ops for name in op.read)
    makers = {name: number for number, op in enumerate(ops) for name in op.written}
    for number, op in enumerate(ops):
        if op.type != "conv2d" or not _is_pointwise(op, model):
            continue
        norm = makers.get(op.inputs["Input"][0])
        if norm is None or ops[norm].type != "batch_norm" or readers[op.inputs["Input"][0]] != 1:
            continue
        between = ops[norm].inputs["X"][0]
        first = makers.get(between)
        if first is None or ops[first].type != "conv2d" or readers[between] != 1:
            continue
        weights = [*_weights(ops[norm]), *(ops[one].inputs["Filter"][0] for one in (first, number))]
        known = all(name in model.values and readers[name] == 1 for name in weights)
        if known and ops[first].value("groups") == 1 and _pays(model, ops[first], op):
            yield _Chain(first, norm, number)


def _is_pointwise(op: Op, model: InferenceModel) -> bool:
    weight = model.values.get(op.inputs["Filter"][0])
    plain = all(op.value(name) == value for name, value in _PLAIN.items())
    return plain and weight is not None and weight.shape[2:] == (1, 1) and op.value("paddings") in _NONE


def _pays(model: InferenceModel, first: Op, second: Op) -> bool:
    """What ``opt`` takes for a gain."""
    inner, before = model.values[first.inputs["Filter"][0]].shape[:2]
    after = len(model.values[second.inputs["Filter"][0]])
    return 0 < before * (after - inner) <= inner * after


def _weights(norm: Op) -> tuple[str, ...]:
    return tuple(norm.inputs[slot][0] for slot in ("Scale", "Bias", "Mean", "Variance"))


def _merged(model: InferenceModel, chain: _Chain) -> InferenceModel:
    ops = list(model.block.ops)
    first, norm, second = ops[chain.first], ops[chain.norm], ops[chain.second]
    gain, shift = _gain_and_shift(model, norm)
    one, other = (np.asarray(model.values[op.inputs["Filter"][0]], np.float64) for op in (first, second))
    pointwise = other[:, :, 0, 0]
    weight = np.einsum("oc,cikl->oikl", pointwise * gain, one)
    names = first.inputs["Filter"][0], f"{first.inputs['Filter'][0]}.merged.bias"
    middle = f"{second.written[0]}.merged"
    values = {name: value for name, value in model.values.items() if name not in _weights(norm)}
    del values[second.inputs["Filter"][0]]
    values[names[0]] = weight.astype(np.float32)
    values[names[1]] = (pointwise @ shift).astype(np.float32)
    convolution = replace(first, outputs={**first.outputs, "Output": (middle,)})
    total = Op(
        "elementwise_add",
        {"X": (middle,), "Y": (names[1],)},
        {"Out": (second.written[0],)},
        (whole_attribute("axis", 1),),
    )
    ops[chain.second] = total
    ops[chain.first] = convolution
    del ops[chain.norm]
    made = {name: values[name].shape for name in names}
    shapes = {one.name: one.shape for one in model.block.variables}
    used = {name for op in ops for name in (*op.read, *op.written)}
    gone = {*_weights(norm), second.inputs["Filter"][0], *names}
    variables = [
        *(
            one
            for one in model.block.variables
            if one.name not in gone and (one.persistable or one.name in used)
        ),
        *(float_variable(name, shape, persistable=True) for name, shape in made.items()),
        float_variable(middle, shapes[second.written[0]], persistable=False),
    ]
    block = replace(model.block, ops=tuple(ops), variables=tuple(variables))
    return InferenceModel(replace(model.program, blocks=(block, *model.program.blocks[1:])), values)


def _gain_and_shift(model: InferenceModel, norm: Op) -> tuple[Values, Values]:
    scale, bias, mean, variance = (np.asarray(model.values[name], np.float64) for name in _weights(norm))
    epsilon = norm.value("epsilon")
    gain = scale / np.sqrt(variance + (epsilon if isinstance(epsilon, float) else 0.0))
    return gain, bias - mean * gain
