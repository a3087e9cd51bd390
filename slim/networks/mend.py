"""Mending exported programs.

Paddle 2.6 exports a convolution with a bias as three ops: convolution, reshaping of the bias to (1, C, 1, 1),
sum. ``opt`` fuses the sum into the convolution only where the bias comes as it is stored, (C), on axis 1, as
earlier versions exported it. And Paddle counts the names of outputs through the life of a process, so that
two exports of one network would differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import paddle

OUTPUT: Final = "output"


def mend_export(model_file: Path) -> None:
    """Rewrite a ``.pdmodel`` with one output in place; its parameters stay as they are."""
    static_before = not paddle.in_dynamic_mode()
    paddle.enable_static()
    try:
        program = paddle.static.Program.parse_from_string(model_file.read_bytes())
        _fold_bias_reshapes(program.global_block())
        _name_output(program.global_block())
        model_file.write_bytes(program.desc.serialize_to_string())
    finally:
        if not static_before:
            paddle.disable_static()


def _fold_bias_reshapes(block: Any) -> None:
    stored = {name for name, one in block.vars.items() if one.persistable}
    reshaped = {}
    for op in block.ops:
        if op.type == "reshape2" and op.input("X")[0] in stored:
            shape = [int(size) for size in op.attr("shape")]
            if len(shape) == 4 and shape[0] == shape[2] == shape[3] == 1:
                reshaped[op.output("Out")[0]] = op.input("X")[0]
    sums = [op for op in block.ops if op.type == "elementwise_add" and op.input("Y")[0] in reshaped]
    for op in sums:
        name = op.input("Y")[0]
        op.desc.set_input("Y", [reshaped[name]])
        op.desc._set_attr("axis", 1)
    still_read = {name for op in block.ops for name in op.desc.input_arg_names()}
    for index in reversed(range(len(block.ops))):
        op = block.ops[index]
        if (
            op.type == "reshape2"
            and op.output("Out")[0] in reshaped
            and not still_read & set(op.output("Out"))
        ):
            for name in (*op.output("Out"), *op.output("XShape")):
                block._remove_var(name)
            block._remove_op(index)


def _name_output(block: Any) -> None:
    (name,) = (op.input("X")[0] for op in block.ops if op.type == "fetch")
    if name != OUTPUT:
        block._rename_var(name, OUTPUT)
