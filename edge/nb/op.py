"""One op of a ``.nb`` topology: its type, kernel, arguments, and what its attributes say of its weights.

Field numbers follow Paddle-Lite's schema (``lite/model_parser/flatbuffers/framework.fbs``, version 2.13).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.nb.damage import NbDamageError
from edge.nb.flatbuffer import Table
from edge.nb.place import Kernel, parse_kernel

# field numbers: table_field
_OP_TYPE, _OP_INPUTS, _OP_OUTPUTS, _OP_ATTRS = 0, 1, 2, 3
_SLOT_PARAMETER, _SLOT_ARGUMENTS = 0, 1
_ATTR_NAME, _ATTR_TYPE, _ATTR_I, _ATTR_S = 0, 1, 2, 4
_ATTR_STRINGS: Final = 7
# an attribute's vectors of numbers: field number, bytes an element
_ATTR_VECTORS: Final = ((5, 4), (6, 4), (9, 1), (12, 4), (13, 8), (15, 8))
_ATTR_TYPES: Final = 16

_KERNEL: Final = b"__@kernel_type_attr@__"
_COLUMN: Final = b"col"
_WEIGHT_BITS: Final = b"quantize_weight_bits"
_FP16_MARK: Final = b"_fp16"


@dataclass(frozen=True)
class NbOp:
    """One op.

    Attributes:
        type: Its type, such as ``conv2d``.
        kernel: What computes it.
        inputs: Names of the variables it reads, in the order of the file.
        outputs: Names of the variables it writes.
        weight_bits: 8 or 16 where its weights are stored as integers, to be scaled back to float at load;
            else None.
        fp16_weights: Its weights are marked to be turned into float16 at load.
    """

    type: str
    kernel: Kernel
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weight_bits: int | None
    fp16_weights: bool


def parse_op(table: Table) -> tuple[NbOp, int]:
    """Read an op, and its place among the model's inputs or outputs where it is a feed or fetch.

    Raises:
        NbDamageError: No ``OpDesc`` as ``opt`` writes it.
    """
    name = table.text(_OP_TYPE)
    kernel: Kernel | None = None
    column, weight_bits, fp16 = 0, None, False
    last_key = b""
    for attribute in table.tables(_OP_ATTRS):
        _check_attribute(attribute)
        key = _key(attribute, _ATTR_NAME, last_key)
        if key == _KERNEL:
            kernel = parse_kernel(attribute.text(_ATTR_S))
        elif key == _COLUMN:
            column = attribute.integer(_ATTR_I)
        elif key == _WEIGHT_BITS:
            weight_bits = attribute.integer(_ATTR_I)
        elif key.endswith(_FP16_MARK):
            fp16 = True
        last_key = key
    if kernel is None:
        raise NbDamageError(f"damaged topology: op {name[:60]!r} names no kernel")
    op = NbOp(
        type=name,
        kernel=kernel,
        inputs=_arguments(table, _OP_INPUTS),
        outputs=_arguments(table, _OP_OUTPUTS),
        weight_bits=weight_bits,
        fp16_weights=fp16,
    )
    return op, column


def _key(table: Table, number: int, previous: bytes) -> bytes:
    """A table's name; names are sorted, and Paddle-Lite dies where its search among them goes astray."""
    key = table.byte_string(number) or b""
    if key <= previous:
        raise table.buffer.damage(f"the names of the table at {table.position} are out of order")
    return key


def _check_attribute(table: Table) -> None:
    """Walk what is not used here too: Paddle-Lite follows its offsets unchecked, and dies of a wrong one."""
    if not 0 <= table.integer(_ATTR_TYPE) < _ATTR_TYPES:
        raise table.buffer.damage("an attribute of unknown type")
    for number, width in _ATTR_VECTORS:
        table.vector(number, width)
    table.texts(_ATTR_STRINGS)


def _arguments(table: Table, number: int) -> tuple[str, ...]:
    names: list[str] = []
    last_key = b""
    for slot in table.tables(number):
        last_key = _key(slot, _SLOT_PARAMETER, last_key)
        names += slot.texts(_SLOT_ARGUMENTS)
    return tuple(names)
