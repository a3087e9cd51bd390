"""As much of SFTP as files need: many requests under way, every answer looked at.

``paramiko``'s own client drops the answers to writes that are still under way when a file is closed, so a
full disk goes unnoticed. The protocol is draft-ietf-secsh-filexfer-02, version 3.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Any, Final

from deploy_tools.devices.wire.ssh.transport import close_channel

_INIT, _VERSION, _OPEN, _CLOSE, _READ, _WRITE = 1, 2, 3, 4, 5, 6
_FSTAT, _FSETSTAT, _STATUS, _HANDLE, _DATA, _ATTRS = 8, 10, 101, 102, 103, 105
_OK, _EOF = 0, 1
_HAS_SIZE: Final = 1
_TO_READ: Final = 0x01
_TO_WRITE: Final = 0x02 | 0x08  # write, make where it is not there
_EMPTY: Final = 0x10
# So that a request fits into one packet of the channel, of 32 KiB, with all headers
_BLOCK: Final = 32 * 1024 - 1024
_UNDER_WAY: Final = 64
_LONGEST_ANSWER: Final = 1 << 20

Arrived = Callable[[int], None]
"""Called with the bytes that arrived so far."""


class SftpError(Exception):
    """The server says no."""


class Sftp:
    """One SFTP session; not for several threads at once.

    Args:
        channel: With the subsystem begun.

    Raises:
        EOFError: The server hung up: it has no SFTP.
    """

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self._number = 0
        self._answers: dict[int, tuple[int, bytes]] = {}
        self._write(struct.pack(">BI", _INIT, 3))
        kind, _ = self._packet()
        if kind != _VERSION:
            raise EOFError

    def send(self, stream: IO[bytes], target: str, offset: int, arrived: Arrived) -> None:
        """Write the rest of a stream to a file, from an offset on.

        Raises:
            SftpError: The server cannot.
            EOFError: The link broke.
            OSError: The file here cannot be used.
        """
        handle = self._open(target, _TO_WRITE if offset else _TO_WRITE | _EMPTY)
        under_way: deque[tuple[int, int]] = deque()
        try:
            if offset:
                if self._size(handle) < offset:
                    raise SftpError("it is shorter than it was")
                self._demand(_FSETSTAT, _string(handle) + struct.pack(">IQ", _HAS_SIZE, offset))
            while block := stream.read(_BLOCK):
                head = _string(handle) + struct.pack(">QI", offset, len(block))
                offset += len(block)
                under_way.append((self._request(_WRITE, head, block), offset))
                if len(under_way) >= _UNDER_WAY:
                    self._arrive(under_way, arrived)
            while under_way:
                self._arrive(under_way, arrived)
        except SftpError:
            self._finish(handle, [number for number, _ in under_way])
            raise
        self._demand(_CLOSE, _string(handle))

    def receive(self, source: str, sink: IO[bytes], arrived: Callable[[int, int], None]) -> None:
        """Read a file to its end.

        Args:
            source: File there.
            sink: Gets it.
            arrived: Called with the bytes that arrived and those the file is said to have.

        Raises:
            SftpError: The server cannot.
            EOFError: The link broke.
            OSError: The file here cannot be used.
        """
        handle = self._open(source, _TO_READ)
        under_way: deque[tuple[int, int, int]] = deque()
        try:
            size = self._size(handle)
            asked = done = 0
            ended = False
            while not ended:
                # beyond the size as well: it may have grown, and files of the kernel say they have none
                while len(under_way) < (_UNDER_WAY if asked < size else 1):
                    under_way.append((self._ask(handle, asked, _BLOCK), asked, _BLOCK))
                    asked += _BLOCK
                number, start, length = under_way.popleft()
                while length and not ended:
                    data = self._data(number)
                    ended = data is None
                    sink.write(data or b"")
                    done += len(data or b"")
                    arrived(done, max(size, done))
                    start, length = start + len(data or b""), length - len(data or b"")
                    if length and not ended:  # a short answer is no end
                        number = self._ask(handle, start, length)
        except SftpError:
            self._finish(handle, [number for number, _, _ in under_way])
            raise
        self._finish(handle, [number for number, _, _ in under_way])

    def close(self) -> None:
        """End the session."""
        close_channel(self._channel)

    def _finish(self, handle: bytes, under_way: Sequence[int]) -> None:
        """Wait for what is still under way, whatever it says, and close the file."""
        for number in (*under_way, self._request(_CLOSE, _string(handle))):
            self._answer(number)

    def _open(self, path: str, flags: int) -> bytes:
        kind, body = self._answer(
            self._request(_OPEN, _string(os.fsencode(path)) + struct.pack(">II", flags, 0))
        )
        if kind != _HANDLE:
            raise SftpError(_complaint(kind, body))
        return _take(body)

    def _size(self, handle: bytes) -> int:
        kind, body = self._answer(self._request(_FSTAT, _string(handle)))
        if kind != _ATTRS:
            raise SftpError(_complaint(kind, body))
        flags, size = struct.unpack_from(">IQ", body) if len(body) >= 12 else (0, 0)
        return int(size) if flags & _HAS_SIZE else 0

    def _ask(self, handle: bytes, offset: int, length: int) -> int:
        return self._request(_READ, _string(handle) + struct.pack(">QI", offset, length))

    def _data(self, number: int) -> bytes | None:
        kind, body = self._answer(number)
        if kind == _DATA:
            return _take(body)
        if kind == _STATUS and struct.unpack_from(">I", body)[0] == _EOF:
            return None
        raise SftpError(_complaint(kind, body))

    def _arrive(self, under_way: deque[tuple[int, int]], arrived: Arrived) -> None:
        number, offset = under_way.popleft()
        self._accept(number)
        arrived(offset)

    def _demand(self, kind: int, body: bytes) -> None:
        self._accept(self._request(kind, body))

    def _accept(self, number: int) -> None:
        kind, body = self._answer(number)
        if kind != _STATUS or struct.unpack_from(">I", body)[0] != _OK:
            raise SftpError(_complaint(kind, body))

    def _request(self, kind: int, *parts: bytes) -> int:
        self._number = (self._number + 1) & 0xFFFFFFFF
        self._write(struct.pack(">BI", kind, self._number), *parts)
        return self._number

    def _answer(self, number: int) -> tuple[int, bytes]:
        while number not in self._answers:
            kind, body = self._packet()
            self._answers[struct.unpack_from(">I", body)[0]] = (kind, body[4:])
        return self._answers.pop(number)

    def _write(self, *parts: bytes) -> None:
        left = b"".join((struct.pack(">I", sum(map(len, parts))), *parts))
        while left:
            try:
                sent = self._channel.send(left)
            except OSError:  # it is closed; whoever calls us reads and writes files too
                raise EOFError from None
            if not sent:
                raise EOFError
            left = left[sent:]

    def _packet(self) -> tuple[int, bytes]:
        size = struct.unpack(">I", self._read(4))[0]
        if not 1 <= size <= _LONGEST_ANSWER:
            raise EOFError  # something else than SFTP
        packet = self._read(size)
        return packet[0], packet[1:]

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            data = self._channel.recv(size)
            if not data:
                raise EOFError
            parts.append(data)
            size -= len(data)
        return b"".join(parts)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _take(body: bytes) -> bytes:
    (length,) = struct.unpack_from(">I", body)
    return body[4 : 4 + length]


def _complaint(kind: int, body: bytes) -> str:
    if kind != _STATUS:
        return f"answer {kind}"
    return _take(body[4:]).decode(errors="replace") if len(body) >= 8 else "refused"
