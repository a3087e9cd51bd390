"""Whole files by adb's ``sync:`` service.

A request is its name (4 bytes), a length (4, little-endian) and so many bytes: of a path, or of a file.
Source: AOSP, ``packages/modules/adb/SYNC.TXT``.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Callable
from typing import IO, Final

from deploy_tools.devices.wire.adb.server import AdbClosedError, receive_exactly

_REQUEST: Final = struct.Struct("<4sI")
_STAT: Final = struct.Struct("<4sIII")
_MOST_DATA: Final = 64 * 1024
_LONGEST_PATH: Final = 1024


class AdbFileError(Exception):
    """The device cannot read or write a file; the text is its own."""


def write_file(stream: socket.socket, path: str, data: bytes) -> None:
    """Make a file of what is in memory, readable by its owner.

    Raises:
        AdbFileError: The device says why not.
        AdbClosedError: The link is gone.
    """
    parts = [_request(b"SEND", _path(path) + b",%d" % (stat.S_IFREG | 0o600))]
    for start in range(0, len(data), _MOST_DATA):
        parts.append(_request(b"DATA", data[start : start + _MOST_DATA]))
    parts.append(_REQUEST.pack(b"DONE", 0))
    _say(stream, b"".join(parts))
    name, length = _REQUEST.unpack(receive_exactly(stream, _REQUEST.size))
    if name != b"OKAY":
        raise AdbFileError(receive_exactly(stream, length).decode(errors="replace"))


def read_file(
    stream: socket.socket, path: str, target: IO[bytes], came: Callable[[int, int], None] | None
) -> None:
    """Read a file.

    Args:
        stream: To the service.
        path: On the device.
        target: Written to.
        came: Called with the bytes that arrived and those there are.

    Raises:
        AdbFileError: The device says why not.
        AdbClosedError: The link is gone.
        OSError: The target cannot be written.
    """
    raw = _path(path)
    _say(stream, _request(b"STAT", raw) + _request(b"RECV", raw))
    _, _, total, _ = _STAT.unpack(receive_exactly(stream, _STAT.size))
    count = 0
    while True:
        name, length = _REQUEST.unpack(receive_exactly(stream, _REQUEST.size))
        if name == b"DONE":
            return
        data = receive_exactly(stream, length)
        if name != b"DATA":
            raise AdbFileError(data.decode(errors="replace"))
        target.write(data)
        count += len(data)
        if came is not None:
            came(count, max(count, total))


def _path(path: str) -> bytes:
    raw = os.fsencode(path)
    if len(raw) > _LONGEST_PATH:
        raise AdbFileError(f"a path of {len(raw)} bytes, adb takes {_LONGEST_PATH}")
    return raw


def _request(name: bytes, data: bytes) -> bytes:
    return _REQUEST.pack(name, len(data)) + data


def _say(stream: socket.socket, data: bytes) -> None:
    try:
        stream.sendall(data)
    except OSError as error:
        raise AdbClosedError(str(error)) from None
