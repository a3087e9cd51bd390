"""Commands that are run to their end: what they read is sent, what they write collected."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable, Iterator
from typing import IO, Final

from deploy_tools.devices.wire.adb.ending import exit_of
from deploy_tools.devices.wire.adb.frames import BLOCK, END_OF_INPUT, EXIT, STDERR, STDOUT, FrameReader, head
from deploy_tools.devices.wire.adb.server import AdbClosedError
from deploy_tools.devices.wire.wire import Finished

_HEAD: Final = len(head(0))

Limit = Callable[[], float]
"""How many seconds the device may still be silent."""


def input_frames(data: bytes) -> Iterator[memoryview]:
    """Frames of standard input, all of it, and its end."""
    view = memoryview(data)
    for start in range(0, len(view), BLOCK):
        block = view[start : start + BLOCK]
        yield memoryview(head(len(block)))
        yield block
    yield memoryview(END_OF_INPUT)


def file_frames(source: IO[bytes], came: Callable[[int], None]) -> Iterator[memoryview]:
    """Frames of what is left of an unbuffered file, and the end of the input.

    Args:
        source: Read as it goes.
        came: Called with the bytes of each frame that was taken.
    """
    buffer = memoryview(bytearray(_HEAD + BLOCK))
    while count := source.readinto(buffer[_HEAD:]):  # type: ignore[attr-defined]
        buffer[:_HEAD] = head(count)
        yield buffer[: _HEAD + count]
        came(count)
    yield memoryview(END_OF_INPUT)


def run_framed(stream: socket.socket, frames_in: Iterator[memoryview], limit: Limit) -> Finished:
    """Talk to a shell that speaks frames until it tells its exit code.

    Raises:
        TimeoutError: It was silent for too long.
        AdbClosedError: The link is gone.
    """
    stream.setblocking(False)
    frames = FrameReader()
    written = {STDOUT: bytearray(), STDERR: bytearray()}
    pending = next(frames_in, None)
    poll = select.poll()
    while True:
        poll.register(stream, select.POLLIN | (select.POLLOUT if pending is not None else 0))
        ready = poll.poll(max(0.0, limit()) * 1000)
        if not ready:
            raise TimeoutError
        _, events = ready[0]
        if pending is not None and events & select.POLLOUT:
            with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                pending = pending[stream.send(pending) :] or next(frames_in, None)
        if not events & ~select.POLLOUT:
            continue
        data = _receive(stream)
        if not data:
            raise AdbClosedError
        for kind, piece in frames.feed(memoryview(data)):
            if kind == EXIT:
                return Finished(exit_of(piece[0]), bytes(written[STDOUT]), bytes(written[STDERR]))
            if kind in written:
                written[kind] += piece


def run_collected(stream: socket.socket, mark: str, limit: Limit) -> Finished:
    """Read what `commands.Place.collected` makes of a command; errors as `run_framed`."""
    stream.setblocking(False)
    data = bytearray()
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    while True:
        if not poll.poll(max(0.0, limit()) * 1000):
            raise TimeoutError
        part = _receive(stream)
        if not part:
            break
        data += part
    stdout, found, rest = bytes(data).partition(f"\n{mark} ".encode())
    code, ended, stderr = rest.partition(b"\n")
    if not found or not ended or not code.isdigit():
        raise AdbClosedError
    return Finished(exit_of(int(code)), stdout, stderr)


def pour(stream: socket.socket, source: IO[bytes], came: Callable[[int], None]) -> None:
    """Send what is left of an unbuffered file to a command that said a line, and the end of the input.

    The whole link is closed with it. So nothing that came may be left unread, or what was sent would be
    thrown away.

    Args:
        stream: With a time limit.
        source: Read as it goes.
        came: Called with the bytes of each block that was taken.

    Raises:
        TimeoutError: It was silent for too long.
    """
    try:
        line = b""
        while not line.endswith(b"\n"):
            if not (part := stream.recv(BLOCK)):
                return  # it does not want the file, and says why elsewhere
            line += part
        while block := source.read(BLOCK):
            stream.sendall(block)
            came(len(block))
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(BLOCK):
            pass
    except TimeoutError:
        raise
    except OSError:
        pass  # it ended before the last byte was there


def _receive(stream: socket.socket) -> bytes:
    try:
        return stream.recv(BLOCK)
    except OSError as error:
        raise AdbClosedError(str(error)) from None
