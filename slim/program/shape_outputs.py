"""Outputs that ``opt`` writes to without asking whether they are there."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from slim.program.program import Block, float_variable

_OP: Final = "flatten_contiguous_range"
_SLOT: Final = "XShape"


def with_shape_outputs(block: Block) -> Block:
    """A block whose ops that flatten have the output ``XShape``, as older exporters wrote it.

    Paddle 2.6 leaves it out of inference models, since nothing reads it. For x86 ``opt`` 2.13rc0 sets the
    type of every output that its kernel names, and dies of a segmentation fault where this one is missing.

    Args:
        block: Of a program.
    """
    taken = {one.name for one in block.variables}
    ops, variables = [], list(block.variables)
    for number, op in enumerate(block.ops):
        if op.type == _OP and not op.outputs.get(_SLOT):
            name = f"{_SLOT}_{number}"
            while name in taken:
                name += "_"
            taken.add(name)
            variables.append(float_variable(name, (), persistable=False))
            op = replace(op, outputs={**op.outputs, _SLOT: (name,)})
        ops.append(op)
    return replace(block, ops=tuple(ops), variables=tuple(variables))
