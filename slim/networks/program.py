"""What is changed in an exported program: Paddle-Lite shall run it, and nothing in it name this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import paddle

_CALL_STACK: Final = "op_callstack"
_SHAPE: Final = "shape"


def tidy_program(model_file: Path) -> None:
    """Rewrite a ``.pdmodel`` in place; what it computes stays as it is.

    Taken out are the lines of Python that made each op, which name files of this machine. Numbers that Paddle
    2.6 exports without a dimension, the sizes of the LSTM's first state among them, get one: Paddle-Lite
    knows no such tensors, and ends where it meets one.
    """
    program = paddle.base.core.ProgramDesc(model_file.read_bytes())
    for block in map(program.block, range(program.num_blocks())):
        for op in map(block.op, range(block.op_size())):
            if op.has_attr(_CALL_STACK):
                op.remove_attr(_CALL_STACK)
            if op.type() == "fill_constant":
                _give_dimension(block, op)
    model_file.write_bytes(program.serialize_to_string())


def _give_dimension(block: Any, op: Any) -> None:
    if op.attr(_SHAPE) or op.input("ShapeTensor") or op.input("ShapeTensorList"):
        return
    op._set_attr(_SHAPE, [1])
    block.find_var(op.output("Out")[0].encode()).set_shape([1])
