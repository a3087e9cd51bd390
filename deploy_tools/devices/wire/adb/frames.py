"""The shell protocol, version 2: frames of standard input, output, errors and the exit code.

A frame is its kind (1 byte), its length (4, little-endian) and so many bytes.
Source: AOSP, ``packages/modules/adb/shell_protocol.h``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

_HEAD: Final = struct.Struct("<BI")
STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN = range(5)
END_OF_INPUT: Final = _HEAD.pack(CLOSE_STDIN, 0)
BLOCK: Final = 512 * 1024
"""So much is put into one frame, or read at once."""


def head(length: int) -> bytes:
    """What stands before so many bytes of standard input."""
    return _HEAD.pack(STDIN, length)


class FrameReader:
    """Takes a stream apart as it comes."""

    def __init__(self) -> None:
        self._head = b""
        self._kind = STDOUT
        self._left = 0

    def feed(self, data: memoryview) -> Iterator[tuple[int, memoryview]]:
        """The pieces of frames in what came: kind and bytes; a frame may come in several pieces."""
        while data:
            if self._left == 0:
                missing = _HEAD.size - len(self._head)
                self._head += bytes(data[:missing])
                data = data[missing:]
                if len(self._head) < _HEAD.size:
                    return
                self._kind, self._left = _HEAD.unpack(self._head)
                self._head = b""
                continue
            piece, data = data[: self._left], data[self._left :]
            self._left -= len(piece)
            yield self._kind, piece
