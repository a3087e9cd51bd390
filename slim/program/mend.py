"""What newer exporters write and ``opt`` cannot use, written as older ones did.

The results are the same but for rounding: ``opt`` merges more ops into convolutions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from slim.program.program import Block, Op, whole_attribute, wholes_attribute

_CONVOLUTIONS: Final = frozenset({"conv2d", "depthwise_conv2d", "conv2d_transpose"})
_RESERVE: Final = "ReserveSpace"


def mended(block: Block) -> Block:
    """A program's only block, in a form that ``opt`` can work on.

    - ``batch_norm`` with the output ``ReserveSpace``, scratch space of training: ``opt`` does not merge it
      into the convolution before it, and has no x86 kernel for it.
    - Biases of convolutions that are reshaped to (1, C, 1, 1) and added: ``opt`` merges those that are added
      along axis 1.
    - Constants without dimensions: Paddle-Lite knows no such tensors. They get one dimension.
    """
    ops = _with_plain_biases(block)
    read = {name for op in ops for name in op.read}
    ops = [_without_reserve(op, read) for op in ops]
    ops = [_with_dimension(op) for op in ops]
    used = {name for op in ops for name in (*op.read, *op.written)}
    kept = (one for one in block.variables if one.persistable or one.name in used)
    return replace(block, ops=tuple(ops), variables=tuple(kept))


def _without_reserve(op: Op, read: set[str]) -> Op:
    if op.type != "batch_norm" or read.intersection(op.outputs.get(_RESERVE, ())):
        return op
    return replace(op, outputs={slot: names for slot, names in op.outputs.items() if slot != _RESERVE})


def _with_dimension(op: Op) -> Op:
    is_constant = op.type == "fill_constant" and not op.read
    return (
        op.with_attribute(wholes_attribute("shape", [1])) if is_constant and op.value("shape") == () else op
    )


def _with_plain_biases(block: Block) -> list[Op]:
    shapes = {one.name: one.shape for one in block.variables if one.persistable}
    makers = {name: op for op in block.ops for name in op.written}
    writes = Counter(name for op in block.ops for name in op.written)
    reshaped = {}
    for op in block.ops:
        if op.type != "reshape2" or len(op.read) != 1 or len(shapes.get(op.read[0], ())) != 1:
            continue
        bias, out = op.read[0], op.outputs["Out"][0]
        if op.value("shape") in ((1, shapes[bias][0], 1, 1), (1, -1, 1, 1)) and writes[out] == 1:
            reshaped[out] = bias
    for op in block.ops:
        if not _adds_bias(op, reshaped, makers):
            for name in op.read:
                reshaped.pop(name, None)  # something else reads it, in four dimensions
    return list(_replaced(block.ops, reshaped))


def _adds_bias(op: Op, reshaped: dict[str, str], makers: dict[str, Op]) -> bool:
    if op.type != "elementwise_add" or op.value("axis") != -1:
        return False
    (x,), (y,) = op.inputs["X"], op.inputs["Y"]
    return y in reshaped and x not in reshaped and x in makers and makers[x].type in _CONVOLUTIONS


def _replaced(ops: Iterable[Op], reshaped: dict[str, str]) -> Iterable[Op]:
    for op in ops:
        if op.type == "reshape2" and op.outputs["Out"][0] in reshaped:
            continue
        bias = [reshaped.get(name) for name in op.inputs.get("Y", ())] if op.type == "elementwise_add" else []
        if bias and bias[0]:
            yield replace(op, inputs={**op.inputs, "Y": (bias[0],)}).with_attribute(
                whole_attribute("axis", 1)
            )
        else:
            yield op
