"""Tensors as ``.npy`` bytes and files (numpy's own format), read with nothing of them trusted.

The format is described at ``numpy.lib.format``; numpy's own reader warns on stderr about some damage, and
allocates whatever a header announces.
"""

from __future__ import annotations

import ast
import io
import math
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.predictor.protocol import Array
from edge.regular_file import regular_file_size

MAX_FILE: Final = 1 << 31
"""Bytes; the conversation with the runner carries no larger tensor either."""

_MAGIC: Final = b"\x93NUMPY"
# version -> bytes of the header's length; version 3 differs only in names of fields, and a tensor has none
_LENGTH_BYTES: Final = {b"\x01\x00": 2, b"\x02\x00": 4}
_LONGEST_HEADER: Final = 10_000


class NpyError(ValueError):
    """Bytes that are not a plain ``.npy`` tensor; the message says why."""


def npy_bytes(tensor: Array) -> bytes:
    """A tensor in numpy's ``.npy`` format, in C order."""
    buffer = io.BytesIO()
    # not ascontiguousarray, which adds an axis to a scalar
    np.save(buffer, np.asarray(tensor, order="C"), allow_pickle=False)
    return buffer.getvalue()


def npy_array(data: bytes | bytearray) -> Array:
    """The tensor in ``.npy`` bytes.

    Args:
        data: All of it. The tensor shares the memory of a ``bytearray``, and is then writable.

    Raises:
        NpyError: The bytes are not a plain ``.npy`` tensor, or more or fewer than its header announces.
    """
    if not data.startswith(_MAGIC):
        raise NpyError("it does not start like a .npy file")
    try:
        shape, fortran_order, dtype, start = _header(data)
    except Exception as error:  # the header is Python: anything that Python's own parser raises may come
        raise NpyError(f"its header cannot be read ({type(error).__name__})") from None
    if dtype.hasobject:
        raise NpyError("it holds Python objects, not numbers")
    announced = math.prod(shape) * dtype.itemsize
    if announced != len(data) - start:
        raise NpyError(f"its header announces {announced!s:.20} bytes, {len(data) - start} follow")
    try:
        flat: Array = np.frombuffer(data, dtype, math.prod(shape), start) if announced else np.empty(0, dtype)
        return flat.reshape(shape[::-1]).T if fortran_order else flat.reshape(shape)
    except (ValueError, OverflowError):  # more axes or larger ones than numpy has; elements that are arrays
        raise NpyError("its header announces a shape or dtype that no tensor has") from None


def read_npy(path: Path) -> Array:
    """The tensor in a ``.npy`` file.

    Raises:
        OSError: The file cannot be read.
        NpyError: It is not a plain ``.npy`` tensor, not a regular file, or larger than `MAX_FILE`.
    """
    regular_file_size(path, lambda found: NpyError(f"it {found}"), MAX_FILE)
    with path.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:  # not read on: it may be anything, of any size
            raise NpyError("it does not start like a .npy file")
        return npy_array(bytearray(_MAGIC + stream.read()))


def _header(data: bytes | bytearray) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether in Fortran's order, type of the elements, and where they start."""
    begin = 8 + _LENGTH_BYTES[bytes(data[6:8])]
    end = begin + int.from_bytes(data[8:begin], "little")
    if end > min(len(data), _LONGEST_HEADER):
        raise ValueError
    header = ast.literal_eval(data[begin:end].decode("latin-1"))
    shape, fortran_order = header["shape"], header["fortran_order"]
    if type(shape) is not tuple or not all(type(size) is int and size >= 0 for size in shape):
        raise TypeError
    if type(fortran_order) is not bool:
        raise TypeError
    return shape, fortran_order, np.dtype(header["descr"]), end
