"""The samples of a series as one blob.

::

    u8 version   u32 values   u32 times   u32 flags   zlib(float64 values, float64 times, uint8 flags)

All numbers are little-endian. The bytes of the float64 numbers are sorted by their place in the number, the
first bytes of all, then the second ones: neighbours are alike then, and need less room.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np
import numpy.typing as npt

from deploy_tools.measurement.series import Series

_HEAD: Final = struct.Struct("<BIII")
_VERSION: Final = 1
_MOST: Final = 50_000_000
_LEVEL: Final = 6


def pack_samples(series: Series) -> bytes:
    """The blob of a series; its name and unit are kept beside it."""
    flags = np.ascontiguousarray(series.flags, np.uint8).tobytes()
    plain = _shuffled(series.values) + _shuffled(series.at) + flags
    head = _HEAD.pack(_VERSION, len(series.values), len(series.at), len(series.flags))
    return head + zlib.compress(plain, _LEVEL)


def unpack_samples(blob: bytes, name: str, unit: str) -> Series:
    """The reverse.

    Raises:
        ValueError: It is no such blob, or a damaged one.
    """
    try:
        version, values, times, flags = _HEAD.unpack_from(blob)
        length = 8 * (values + times) + flags
        if version != _VERSION or max(values, times, flags) > _MOST:
            raise ValueError("samples of an unknown form")
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(blob[_HEAD.size :], length + 1)
    except (struct.error, zlib.error) as error:
        raise ValueError(f"damaged samples ({error})") from None
    if len(plain) != length or not unpacker.eof:
        raise ValueError("damaged samples (wrong length)")
    end = 8 * values
    return Series(
        name,
        _sorted_back(plain[:end]),
        unit,
        _sorted_back(plain[end : end + 8 * times]),
        np.frombuffer(plain, np.uint8, flags, end + 8 * times),
    )


def _shuffled(values: npt.NDArray[np.float64]) -> bytes:
    return np.ascontiguousarray(values, "<f8").view(np.uint8).reshape(-1, 8).T.tobytes()


def _sorted_back(plain: bytes) -> npt.NDArray[np.float64]:
    columns = np.frombuffer(plain, np.uint8).reshape(8, -1)
    return np.ascontiguousarray(columns.T).view("<f8").reshape(-1).astype(np.float64, copy=False)
