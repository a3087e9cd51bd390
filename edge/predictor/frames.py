r"""The runner's conversation: frames of one JSON line and the tensors it announces, as ``.npy`` bytes.

::

    {"op": "run", "sizes": [1843328]}\n <1843328 bytes of .npy>

``sizes`` lists the length of every tensor that follows. The same frames go over a pipe here and over SSH or
adb to a device.
"""

from __future__ import annotations

import io
import json
import os
import select
import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from edge.predictor.protocol import Array

MAX_HEADER: Final = 1 << 20
MAX_TENSOR: Final = 1 << 31


class FrameError(Exception):
    """The other side closed the pipe, or sent something that is not a frame."""


class FrameTimeoutError(Exception):
    """The other side did not send or take data in time."""


def encode_frame(header: dict[str, Any], tensors: Sequence[Array] = ()) -> bytes:
    """One frame as bytes; ``sizes`` is added to the header."""
    blobs = [npy_bytes(tensor) for tensor in tensors]
    line = json.dumps({**header, "sizes": [len(blob) for blob in blobs]})
    return b"".join([line.encode(), b"\n", *blobs])


def npy_bytes(tensor: Array) -> bytes:
    """A tensor in numpy's ``.npy`` format."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(tensor), allow_pickle=False)
    return buffer.getvalue()


def npy_array(data: bytes) -> Array:
    """The tensor in ``.npy`` bytes.

    Raises:
        FrameError: The bytes are not a plain ``.npy`` array.
    """
    try:
        array: Array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FrameError(f"not a .npy tensor: {error}") from error
    return array


class Channel:
    """Both ends of a conversation over two file descriptors, with a deadline where wanted.

    Args:
        source: File descriptor to read from.
        sink: File descriptor to write to.
    """

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink
        self._pending = bytearray()

    def send(
        self, header: dict[str, Any], tensors: Sequence[Array] = (), *, deadline: float | None = None
    ) -> None:
        """Send one frame.

        Args:
            header: The JSON line.
            tensors: What follows it.
            deadline: On ``time.monotonic()``'s clock; None waits for ever.

        Raises:
            FrameError: The pipe is closed.
            FrameTimeoutError: The deadline passed.
        """
        data = memoryview(encode_frame(header, tensors))
        try:
            while data:
                self._wait(self._sink, select.POLLOUT, deadline)
                # a pipe that is ready takes at least PIPE_BUF bytes; more could block past the deadline
                sent = os.write(self._sink, data[: select.PIPE_BUF] if deadline is not None else data)
                data = data[sent:]
        except BrokenPipeError as error:
            raise FrameError("the other side closed the pipe") from error

    def receive(self, *, deadline: float | None = None) -> tuple[dict[str, Any], list[Array]]:
        """Receive one frame: its header and its tensors.

        Raises:
            FrameError: The pipe is closed, or what came is not a frame.
            FrameTimeoutError: The deadline passed.
        """
        while (end := self._pending.find(b"\n")) < 0:
            if len(self._pending) > MAX_HEADER:
                raise FrameError("no end of line in the first megabyte")
            self._fill(1 << 16, deadline)
        line = bytes(self._pending[:end])
        del self._pending[: end + 1]
        try:
            header = json.loads(line)
            sizes = [int(size) for size in header["sizes"]]
        except (ValueError, KeyError, TypeError) as error:
            raise FrameError(f"not a frame: {line[:80]!r}") from error
        if any(size < 0 or size > MAX_TENSOR for size in sizes):
            raise FrameError(f"impossible tensor sizes {sizes}")
        return header, [npy_array(self._take(size, deadline)) for size in sizes]

    def _take(self, size: int, deadline: float | None) -> bytes:
        while len(self._pending) < size:
            self._fill(size - len(self._pending), deadline)
        data = bytes(self._pending[:size])
        del self._pending[:size]
        return data

    def _fill(self, wanted: int, deadline: float | None) -> None:
        self._wait(self._source, select.POLLIN, deadline)
        data = os.read(self._source, min(max(wanted, 1 << 16), 1 << 20))
        if not data:
            raise FrameError("the other side closed the pipe")
        self._pending += data

    @staticmethod
    def _wait(descriptor: int, event: int, deadline: float | None) -> None:
        if deadline is None:
            return
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise FrameTimeoutError
