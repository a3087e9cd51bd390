"""The topology of a ``.nb``: a FlatBuffer ``ProgramDesc`` with the ops, their kernels and the variables.

Field numbers follow Paddle-Lite's schema (``lite/model_parser/flatbuffers/framework.fbs``, version 2.13).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.nb.damage import NbDamageError
from edge.nb.flatbuffer import FlatBuffer, Table
from edge.nb.place import DATA_TYPES, Kernel, parse_kernel

# field numbers: table_field
_PROGRAM_BLOCKS: Final = 0
_BLOCK_VARS, _BLOCK_OPS = 2, 3
_OP_TYPE, _OP_INPUTS, _OP_OUTPUTS, _OP_ATTRS = 0, 1, 2, 3
_ATTR_NAME, _ATTR_TYPE, _ATTR_I, _ATTR_S = 0, 1, 2, 4
_SLOT_ARGUMENTS: Final = 1
_VAR_NAME, _VAR_TYPE, _VAR_PERSISTABLE = 0, 1, 2
_TYPE_KIND, _TYPE_LOD_TENSOR = 0, 2
_LOD_TENSOR_TENSOR: Final = 0
_TENSOR_DATA_TYPE, _TENSOR_DIMS = 0, 1
_LOD_TENSOR_KIND: Final = 7

_ATTR_TYPES: Final = 16
# an attribute's vectors: field number, bytes an element (strings are references)
_ATTR_VECTORS: Final = ((5, 4), (6, 4), (9, 1), (12, 4), (13, 8), (15, 8))
_ATTR_STRINGS: Final = 7

_KERNEL: Final = b"__@kernel_type_attr@__"
_COLUMN: Final = b"col"
_WEIGHT_BITS: Final = b"quantize_weight_bits"
_FP16_MARK: Final = b"_fp16"


@dataclass(frozen=True)
class NbTensor:
    """A variable as the file declares it.

    Attributes:
        name: Its name in the program.
        shape: Dimensions; −1 or 0 where the size is open, empty where nothing is declared.
        dtype: ``float32``, ``int64`` …; empty where nothing is declared.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str


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


@dataclass(frozen=True)
class Topology:
    """The program of a model.

    Attributes:
        ops: In execution order; those of sub-blocks after the main block's.
        inputs: What is fed, in the order of the predictor's inputs.
        outputs: What is fetched, in the order of the predictor's outputs.
        weights: Names of the variables whose values the parameter section must hold.
    """

    ops: tuple[NbOp, ...]
    inputs: tuple[NbTensor, ...]
    outputs: tuple[NbTensor, ...]
    weights: frozenset[str]


def parse_topology(data: bytes) -> Topology:
    """Read a topology.

    Raises:
        NbDamageError: Not a ``ProgramDesc``, or one without ops or kernels.
    """
    blocks = FlatBuffer(data, "topology").root().tables(_PROGRAM_BLOCKS)
    if not blocks:
        raise NbDamageError("damaged topology: no block in it")
    variables: dict[str, NbTensor] = {}
    weights: set[str] = set()
    ops: list[NbOp] = []
    fed: dict[int, str] = {}
    fetched: dict[int, str] = {}
    for block in blocks:
        for table in block.tables(_BLOCK_VARS):
            tensor, is_weight = _variable(table)
            variables[tensor.name] = tensor
            if is_weight:
                weights.add(tensor.name)
        for table in block.tables(_BLOCK_OPS):
            op, column = _op(table)
            ops.append(op)
            if op.type == "feed" and op.outputs:
                fed[column] = op.outputs[0]
            elif op.type == "fetch" and op.inputs:
                fetched[column] = op.inputs[0]
    if not fed or not fetched:
        raise NbDamageError("damaged topology: the program has no input or no output")
    for op in ops:
        for name in (*op.inputs, *op.outputs):
            if name not in variables:
                raise NbDamageError(f"damaged topology: op {op.type[:60]!r} uses undeclared {name[:60]!r}")
    return Topology(
        ops=tuple(ops),
        inputs=_declared(fed, variables),
        outputs=_declared(fetched, variables),
        weights=frozenset(weights),
    )


def _declared(names: dict[int, str], variables: dict[str, NbTensor]) -> tuple[NbTensor, ...]:
    ordered = [names[column] for column in sorted(names)]
    return tuple(variables.get(name, NbTensor(name, (), "")) for name in ordered)


def _variable(table: Table) -> tuple[NbTensor, bool]:
    """A variable, and whether it is a weight (the feed and fetch lists are persistable, but no tensors)."""
    name = table.text(_VAR_NAME)
    kind = table.table(_VAR_TYPE)
    if kind is None:
        raise NbDamageError(f"damaged topology: variable {name[:60]!r} has no type")
    tensor = None
    if lod_tensor := kind.table(_TYPE_LOD_TENSOR):
        tensor = lod_tensor.table(_LOD_TENSOR_TENSOR)
    is_weight = table.byte(_VAR_PERSISTABLE) != 0 and kind.integer(_TYPE_KIND) == _LOD_TENSOR_KIND
    if tensor is None:
        return NbTensor(name, (), ""), is_weight
    dtype, _ = DATA_TYPES.get(tensor.integer(_TENSOR_DATA_TYPE), ("", 0))
    return NbTensor(name, tensor.longs(_TENSOR_DIMS), dtype), is_weight


def _op(table: Table) -> tuple[NbOp, int]:
    """An op, and its place among the model's inputs or outputs where it is a feed or fetch."""
    name = table.text(_OP_TYPE)
    kernel: Kernel | None = None
    column, weight_bits, fp16 = 0, None, False
    for attribute in table.tables(_OP_ATTRS):
        _check_attribute(attribute)
        key = attribute.byte_string(_ATTR_NAME) or b""
        if key == _KERNEL:
            kernel = parse_kernel(attribute.text(_ATTR_S))
        elif key == _COLUMN:
            column = attribute.integer(_ATTR_I)
        elif key == _WEIGHT_BITS:
            weight_bits = attribute.integer(_ATTR_I)
        elif key.endswith(_FP16_MARK):
            fp16 = True
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


def _check_attribute(table: Table) -> None:
    """Walk what is not used here too: Paddle-Lite follows its offsets unchecked, and dies of a wrong one."""
    if not 0 <= table.integer(_ATTR_TYPE) < _ATTR_TYPES:
        raise table.buffer.damage("an attribute of unknown type")
    for number, width in _ATTR_VECTORS:
        table.vector(number, width)
    table.texts(_ATTR_STRINGS)


def _arguments(table: Table, number: int) -> tuple[str, ...]:
    return tuple(name for slot in table.tables(number) for name in slot.texts(_SLOT_ARGUMENTS))
