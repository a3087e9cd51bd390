"""Values of a program's weights: a ``.pdiparams`` file, read and written without Paddle.

It holds them one behind the other, without names, in the order of their variables' names
(``paddle/fluid/framework/lod_tensor.cc`` and ``tensor_util.cc``, Paddle 2.6).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from slim.program.program import Program
from slim.program.wire import VARINT, Field, WireError, encoded, read_message, write_message

Values = npt.NDArray[Any]

_HEAD: Final = struct.Struct("<IQIi")  # version, levels, inner version, bytes of the description
_DATA_TYPE, _DIMENSIONS = 1, 2
_TYPES: Final = {
    0: "bool",
    1: "int16",
    2: "int32",
    3: "int64",
    4: "float16",
    5: "float32",
    6: "float64",
    20: "uint8",
    21: "int8",
}
_NUMBERS: Final = {name: number for number, name in _TYPES.items()}


class ParametersError(ValueError):
    """Bytes that are not the parameters of a program."""


def weight_names(program: Program) -> list[str]:
    """The variables whose values are in the parameter file, in its order."""
    names = [one.name for one in program.blocks[0].variables if one.persistable and not one.feed_or_fetch]
    return sorted(names, key=str.encode)


def read_parameters(program: Program, data: bytes) -> dict[str, Values]:
    """Values by the names of their variables.

    Args:
        program: The program that they belong to.
        data: Content of a ``.pdiparams``.

    Raises:
        ParametersError: It is none, or of another program.
    """
    values = {}
    position = 0
    for name in weight_names(program):
        try:
            values[name], position = _read_tensor(data, position)
        except (struct.error, WireError, KeyError, ValueError) as error:
            raise ParametersError(f"no value for {name} at byte {position} ({error})") from None
    if position != len(data):
        raise ParametersError(f"{len(data) - position} bytes more than the program takes")
    return values


def write_parameters(values: Mapping[str, Values]) -> bytes:
    """The content of a ``.pdiparams``."""
    return b"".join(_written_tensor(values[name]) for name in sorted(values, key=str.encode))


def _read_tensor(data: bytes, position: int) -> tuple[Values, int]:
    version, levels, inner, length = _HEAD.unpack_from(data, position)
    if version or levels or inner or not 0 < length <= len(data) - position:
        raise WireError("another format")
    position += _HEAD.size
    description = read_message(data[position : position + length])
    position += length
    kind = next(field.whole for field in description if field.number == _DATA_TYPE)
    shape = [field.signed for field in description if field.number == _DIMENSIONS]
    dtype = np.dtype(_TYPES[kind]).newbyteorder("<")
    count = int(np.prod(shape, dtype=np.int64))
    array = np.frombuffer(data, dtype, count, position).reshape(shape)
    return array, position + array.nbytes


def _written_tensor(values: Values) -> bytes:
    fields = [Field(_DATA_TYPE, VARINT, encoded(_NUMBERS[values.dtype.name]))]
    fields += [Field(_DIMENSIONS, VARINT, encoded(size)) for size in values.shape]
    description = write_message(fields)
    array = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    return _HEAD.pack(0, 0, 0, len(description)) + description + array.tobytes()
