"""What is changed in a program that Paddle exported: ``opt`` shall like it, and nothing name this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from slim.program.mend import mended
from slim.program.program import Block, Op, Slots, read_program, write_program

OUTPUT: Final = "output"
_CALL_STACK: Final = "op_callstack"


def tidy_export(data: bytes) -> bytes:
    """A program with one output that goes with the same parameter file and computes the same.

    It is mended (:mod:`slim.program.mend`). Taken out are the lines of Python that made each op, which name
    files of this machine. And since Paddle counts the names of outputs through the life of a process, so that
    two exports of one network would differ, the output is called ``output``.

    Args:
        data: Content of a ``.pdmodel`` with one block.

    Raises:
        WireError: It is none.
    """
    program = read_program(data)
    (block,) = program.blocks
    block = mended(replace(block, ops=tuple(map(_without_call_stack, block.ops))))
    return write_program(replace(program, blocks=(_with_named_output(block),)))


def _without_call_stack(op: Op) -> Op:
    return replace(op, attributes=tuple(one for one in op.attributes if one.name != _CALL_STACK))


def _with_named_output(block: Block) -> Block:
    ((name,),) = (op.inputs["X"] for op in block.ops if op.type == "fetch")

    def new(slots: Slots) -> Slots:
        return {slot: tuple(OUTPUT if one == name else one for one in old) for slot, old in slots.items()}

    return replace(
        block,
        variables=tuple(replace(one, name=OUTPUT) if one.name == name else one for one in block.variables),
        ops=tuple(replace(op, inputs=new(op.inputs), outputs=new(op.outputs)) for op in block.ops),
    )
