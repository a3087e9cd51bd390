"""The parameter section of a ``.nb``: every weight with its shape and data type.

Meta version 2: a uint16 version (0) and a uint16 length of reserved bytes; a uint16 header length, the number
of weights as uint16 and the largest one's bytes as uint32; then for each weight, as uint32, its total length
and the distance to its FlatBuffer ``ParamDesc``, then that. Meta version 1: one FlatBuffer with all of them.
(``lite/model_parser/flatbuffers/io.cc`` and ``param.fbs`` of Paddle-Lite 2.13.)
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Final

from edge.nb.damage import NbDamageError
from edge.nb.flatbuffer import FlatBuffer, Table
from edge.nb.place import DATA_TYPES

_COMBINED_PARAMS: Final = 0
_PARAM_NAME, _PARAM_VARIABLE = 1, 3
_TENSOR_DIM, _TENSOR_DATA_TYPE, _TENSOR_DATA = 2, 3, 4


@dataclass(frozen=True)
class NbParam:
    """One weight.

    Attributes:
        name: Name of its variable.
        shape: Dimensions.
        dtype: ``float32``, ``int8`` …
        size: Bytes of its values.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    size: int


def parse_params(data: bytes, meta_version: int) -> tuple[NbParam, ...]:
    """Read the parameter section.

    Args:
        data: Everything after the topology.
        meta_version: 1 or 2, from the header.

    Raises:
        NbDamageError: Truncated, damaged, or followed by more.
    """
    if meta_version == 1:
        root = FlatBuffer(data, "parameter section").root()
        return tuple(_param(table) for table in root.tables(_COMBINED_PARAMS))
    return _parse_stream(data)


def _parse_stream(data: bytes) -> tuple[NbParam, ...]:
    version, reserved = _numbers("<HH", data, 0)
    if version != 0:
        raise NbDamageError(f"damaged parameter section: version {version}, expected 0")
    at = 4 + reserved
    header_length, count, _ = _numbers("<HHI", data, at)
    at += 2 + header_length
    params = []
    for number in range(count):
        length, distance = _numbers("<II", data, at)
        end = at + 4 + length
        if distance < 4 or distance > length or end > len(data):
            raise NbDamageError(
                f"truncated or damaged: weight {number + 1} of {count} reaches beyond the end"
            )
        desc = FlatBuffer(data[at + 4 + distance : end], f"weight {number + 1} of {count}")
        params.append(_param(desc.root()))
        at = end
    if at != len(data):
        raise NbDamageError(f"{len(data) - at} bytes after the last of {count} weights")
    return tuple(params)


def _param(table: Table) -> NbParam:
    name = table.text(_PARAM_NAME)
    tensor = table.table(_PARAM_VARIABLE)
    if tensor is None:
        raise table.buffer.damage("it has no values")
    code = tensor.integer(_TENSOR_DATA_TYPE)
    if code not in DATA_TYPES:
        raise table.buffer.damage(f"data type {code} is unknown")
    dtype, width = DATA_TYPES[code]
    shape = tensor.longs(_TENSOR_DIM)
    _, size = tensor.vector(_TENSOR_DATA, 1)
    if any(side < 0 for side in shape) or math.prod(shape) * width != size:
        raise table.buffer.damage(f"{size} bytes do not fill shape {list(shape)[:8]} of {dtype}")
    return NbParam(name, shape, dtype, size)


def _numbers(form: str, data: bytes, at: int) -> tuple[int, ...]:
    if at + struct.calcsize(form) > len(data):
        raise NbDamageError(f"truncated: the parameter section ends at {len(data)} bytes, within a number")
    return struct.unpack_from(form, data, at)
