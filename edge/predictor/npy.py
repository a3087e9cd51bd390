"""Tensors as ``.npy`` bytes and files (numpy's own format), read with nothing of them trusted."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from edge.predictor.protocol import Array

_MAGIC: Final = b"\x93NUMPY"
_LONGEST_HEADER: Final = 1 << 14
_HeaderReader = Callable[[IO[bytes]], tuple[tuple[int, ...], bool, np.dtype[Any]]]
_read_version: Final[Callable[[IO[bytes]], tuple[int, int]]] = np.lib.format.read_magic
# version 3 differs only in the names of fields, and a tensor has none
_HEADERS: Final[dict[tuple[int, int], _HeaderReader]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class NpyError(ValueError):
    """Bytes that are not a plain ``.npy`` tensor; the message says why."""


def npy_bytes(tensor: Array) -> bytes:
    """A tensor in numpy's ``.npy`` format, in C order."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(tensor), allow_pickle=False)
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
    stream = io.BytesIO(data[:_LONGEST_HEADER])
    try:
        shape, fortran_order, dtype = _HEADERS[_read_version(stream)](stream)
    except Exception as error:  # the header is read as Python: anything Python's own parser raises may come
        raise NpyError(f"its header cannot be read ({type(error).__name__})") from None
    if dtype.hasobject:
        raise NpyError("it holds Python objects, not numbers")
    start = stream.tell()
    # before anything is allocated: a header may announce any size
    announced = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or announced != len(data) - start:
        raise NpyError(f"its header announces {announced} bytes, {len(data) - start} follow")
    flat: Array = np.frombuffer(data, dtype, math.prod(shape), start) if announced else np.empty(0, dtype)
    return flat.reshape(shape[::-1]).T if fortran_order else flat.reshape(shape)


def read_npy(path: Path) -> Array:
    """The tensor in a ``.npy`` file.

    Raises:
        OSError: The file cannot be read.
        NpyError: It is not a plain ``.npy`` tensor.
    """
    with path.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:  # not read on: it may be anything, of any size
            raise NpyError("it does not start like a .npy file")
        return npy_array(bytearray(_MAGIC + stream.read()))
