"""An inference model without what Paddle-Lite never reads, and in the form that ``opt`` can work on best.

``opt`` copies every attribute of every op into its ``.nb``, about 145 bytes each: of the published quantized
classifier that is half of the file.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from edge.errors import ModelError
from slim.program.mend import mended
from slim.program.names import short_names
from slim.program.program import Block, Op, Program, Slots, read_program, write_program
from slim.program.shape_outputs import with_shape_outputs
from slim.program.unread import may_go
from slim.program.wire import WireError
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE, check_inference_model


def make_lean(folder: Path, out: Path) -> None:
    """Write an inference model for ``opt`` to make a small ``.nb`` of; see :func:`lean_program`.

    It is for ``opt`` alone: Paddle would miss attributes that its own fusions ask for.

    Args:
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
        out: Gets both; must exist.

    Raises:
        ModelError: The folder does not hold an inference model, or its program is damaged.
    """
    check_inference_model(folder)
    try:
        program = lean_program((folder / MODEL_FILE).read_bytes())
    except WireError as error:
        raise ModelError(
            folder / MODEL_FILE, f"is damaged ({error})", "pull or export the model again"
        ) from None
    (out / MODEL_FILE).write_bytes(program)
    shutil.copyfile(folder / PARAMS_FILE, out / PARAMS_FILE)


def lean_program(data: bytes) -> bytes:
    """A program that goes with the same parameter file, and that Paddle-Lite computes the same with.

    Attributes that it does not read are left out, variables get short names, but for inputs and outputs, and
    the program is mended (:mod:`slim.program.mend`). Programs with control flow, whose ops name variables in
    other ways too, only lose attributes.

    Args:
        data: Content of a ``.pdmodel``.

    Raises:
        WireError: It is none.
    """
    program = read_program(data)
    program = replace(program, blocks=tuple(map(_lean_block, program.blocks)))
    if not _is_simple(program):
        return write_program(program)
    block = _renamed(with_shape_outputs(mended(program.blocks[0])))
    return write_program(replace(program, blocks=(block,)))


def _lean_block(block: Block) -> Block:
    return replace(block, ops=tuple(map(_lean_op, block.ops)))


def _lean_op(op: Op) -> Op:
    return replace(op, attributes=tuple(one for one in op.attributes if not may_go(op.type, one)))


def _is_simple(program: Program) -> bool:
    """Whether ops name variables in their inputs and outputs alone, all in one block."""
    if len(program.blocks) != 1:
        return False
    return not any(one.names_something for op in program.blocks[0].ops for one in op.attributes)


def _renamed(block: Block) -> Block:
    kept = {variable.name for variable in block.variables if variable.feed_or_fetch}
    for op in block.ops:
        if op.type in ("feed", "fetch"):
            kept.update((*op.read, *op.written))
    weights = [one.name for one in block.variables if one.persistable and not one.feed_or_fetch]
    if kept.intersection(weights):
        return block  # a weight that is an output keeps its name, and with it the order of all
    others = [one.name for one in block.variables if one.name not in kept and not one.persistable]
    names = short_names(weights, others, kept)

    def new(slots: Slots) -> Slots:
        return {slot: tuple(names.get(name, name) for name in old) for slot, old in slots.items()}

    return replace(
        block,
        variables=tuple(replace(one, name=names.get(one.name, one.name)) for one in block.variables),
        ops=tuple(replace(op, inputs=new(op.inputs), outputs=new(op.outputs)) for op in block.ops),
    )
