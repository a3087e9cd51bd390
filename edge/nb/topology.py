"""The topology of a ``.nb``: a FlatBuffer ``ProgramDesc`` with the ops, their kernels and the variables.

Field numbers follow Paddle-Lite's schema (``lite/model_parser/flatbuffers/framework.fbs``, version 2.13).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.nb.damage import NbDamageError
from edge.nb.flatbuffer import FlatBuffer, Table
from edge.nb.op import NbOp, parse_op
from edge.nb.place import DATA_TYPES

# field numbers: table_field
_PROGRAM_BLOCKS: Final = 0
_BLOCK_VARS, _BLOCK_OPS = 2, 3
_VAR_NAME, _VAR_TYPE, _VAR_PERSISTABLE = 0, 1, 2
_TYPE_KIND, _TYPE_LOD_TENSOR = 0, 2
_LOD_TENSOR_TENSOR: Final = 0
_TENSOR_DATA_TYPE, _TENSOR_DIMS = 0, 1
_LOD_TENSOR_KIND: Final = 7


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
            op, column = parse_op(table)
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
