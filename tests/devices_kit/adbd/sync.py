"""Files: the ``sync:`` service, with and without the second versions of stat and list."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.devices_kit.adbd.link import Stream
from tests.devices_kit.adbd.packets import LinkClosedError

REQUEST = struct.Struct("<4sI")
STAT_V1 = struct.Struct("<4sIII")
STAT_V2 = struct.Struct("<4sIQQIIIIQqqq")
ENTRY_V1 = struct.Struct("<4sIIIII")
ENTRY_V2 = struct.Struct("<4sIQQIIIIQqqqI")
CHUNK = 64 * 1024


class _Reader:
    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._data = memoryview(b"")

    def some(self, most: int) -> memoryview:
        if not self._data:
            self._data = memoryview(self._stream.read())
            if not self._data:
                raise LinkClosedError
        part, self._data = self._data[:most], self._data[most:]
        return part

    def exactly(self, length: int) -> bytes:
        parts = []
        while length:
            part = self.some(length)
            length -= len(part)
            parts.append(part)
        return b"".join(parts)


def serve_sync(stream: Stream) -> None:
    reader = _Reader(stream)
    while True:
        name, length = REQUEST.unpack(reader.exactly(REQUEST.size))
        if name == b"QUIT":
            return
        path = os.fsdecode(reader.exactly(length))
        if name == b"SEND":
            _send(stream, reader, path)
        elif (answer := _ANSWERS.get(name)) is not None:
            answer(stream, path)
        else:
            _fail(stream, f"unknown command {name!r}")
            return


def _send(stream: Stream, reader: _Reader, request: str) -> None:
    """A file for the device. As adbd does, what arrived is deleted when the rest does not."""
    path, _, mode = request.rpartition(",")
    problem = None
    descriptor = -1
    with suppress(FileNotFoundError, IsADirectoryError):
        Path(path).unlink()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, int(mode) & 0o777)
    except OSError as error:
        problem = f"couldn't create file: {error.strerror}"
    try:
        while True:
            name, length = REQUEST.unpack(reader.exactly(REQUEST.size))
            if name == b"DONE":
                break
            while length:
                part = reader.some(length)
                length -= len(part)
                while part and problem is None:
                    try:
                        part = part[os.write(descriptor, part) :]
                    except OSError as error:
                        problem = f"write failed: {error.strerror}"
    except LinkClosedError:
        Path(path).unlink()
        raise
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    if problem is not None:
        _fail(stream, problem)
    else:
        stream.write(REQUEST.pack(b"OKAY", 0))


def _receive(stream: Stream, path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            while data := file.read(CHUNK):
                stream.write(REQUEST.pack(b"DATA", len(data)) + data)
    except OSError as error:
        _fail(stream, f"open failed: {error.strerror}")
    else:
        stream.write(REQUEST.pack(b"DONE", 0))


def _stat_v1(stream: Stream, path: str) -> None:
    try:
        found = os.lstat(path)
    except OSError:
        stream.write(STAT_V1.pack(b"STAT", 0, 0, 0))
    else:
        stream.write(STAT_V1.pack(b"STAT", found.st_mode, found.st_size & 0xFFFFFFFF, int(found.st_mtime)))


def _stat_v2(name: bytes, look: Callable[[str], os.stat_result]) -> Callable[[Stream, str], None]:
    def answer(stream: Stream, path: str) -> None:
        try:
            found = look(path)
        except OSError as error:
            stream.write(STAT_V2.pack(name, error.errno, *[0] * 10))
            return
        stream.write(STAT_V2.pack(name, 0, *_fields(found)))

    return answer


def _fields(found: os.stat_result) -> tuple[int, ...]:
    return (
        *(found.st_dev, found.st_ino, found.st_mode, found.st_nlink, found.st_uid, found.st_gid),
        *(found.st_size, int(found.st_atime), int(found.st_mtime), int(found.st_ctime)),
    )


def _list(stream: Stream, path: str, *, second: bool) -> None:
    with suppress(OSError):
        for entry in Path(path).iterdir():
            found, name = entry.lstat(), os.fsencode(entry.name)
            if second:
                stream.write(ENTRY_V2.pack(b"DNT2", 0, *_fields(found), len(name)) + name)
            else:
                size, time = found.st_size & 0xFFFFFFFF, int(found.st_mtime)
                stream.write(ENTRY_V1.pack(b"DENT", found.st_mode, size, time, len(name), 0)[:20] + name)
    stream.write(ENTRY_V2.pack(b"DONE", *[0] * 12) if second else ENTRY_V1.pack(b"DONE", *[0] * 5)[:20])


def _fail(stream: Stream, problem: str) -> None:
    text = problem.encode()
    stream.write(REQUEST.pack(b"FAIL", len(text)) + text)


_ANSWERS: dict[bytes, Callable[[Stream, str], None]] = {
    b"RECV": _receive,
    b"STAT": _stat_v1,
    b"STA2": _stat_v2(b"STA2", os.stat),
    b"LST2": _stat_v2(b"LST2", os.lstat),
    b"LIST": lambda stream, path: _list(stream, path, second=False),
    b"LIS2": lambda stream, path: _list(stream, path, second=True),
}
