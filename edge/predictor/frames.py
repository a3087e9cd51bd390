r"""The runner's conversation: frames of one JSON line and the tensors it announces, as ``.npy`` bytes.

::

    {"op": "run", "sizes": [1843328]}\n <1843328 bytes of .npy>

``sizes`` lists the length of every tensor that follows. They go over a pipe here; any pair of byte streams to
a device will do as well. Strictly in turns: the runner greets, then every request gets one answer.

=============  ==============================================================  ==============================
frame          header                                                          tensors
=============  ==============================================================  ==============================
greeting       ``runner``, ``library``, ``library_version``, ``inputs``,       none
               ``outputs`` (names), ``load_ms``, ``peak_rss_mb``; what it has
               of what was asked: ``threads``, ``power_mode``; ``cores`` that
               it may use
request        ``op``: ``run``; ``runs``: how often, 1 where absent            one per input of the network
answer         ``ms`` (the last run alone), ``peak_rss_mb``; ``runs_ms``       one per output
               (every run) where ``runs`` was asked for, and ``waits_ms``: how
               long others kept each from the processor, where it is known
refusal        ``error``: why; the runner goes on                              none
=============  ==============================================================  ==============================
"""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from edge.predictor.npy import NpyError, npy_array, npy_bytes
from edge.predictor.protocol import Array

MAX_HEADER: Final = 1 << 20
MAX_TENSOR: Final = 1 << 31
MAX_TENSORS: Final = 64
MOST_RUNS: Final = 1000
"""Of one request."""


class FrameError(Exception):
    """What came is not a frame."""


class ChannelClosedError(FrameError):
    """The other side closed the pipe.

    Attributes:
        in_frame: In the middle of a frame that it sent; otherwise that is how a conversation ends.
    """

    def __init__(self, *, in_frame: bool = False) -> None:
        super().__init__("the other side closed the pipe" + (" in the middle of a frame" if in_frame else ""))
        self.in_frame = in_frame


class FrameTimeoutError(Exception):
    """The other side did not send or take data in time."""


def encode_frame(header: dict[str, Any], tensors: Sequence[Array] = ()) -> bytes:
    """One frame as bytes; ``sizes`` is added to the header."""
    blobs = [npy_bytes(tensor) for tensor in tensors]
    line = json.dumps({**header, "sizes": [len(blob) for blob in blobs]})
    return b"".join([line.encode(), b"\n", *blobs])


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
            ChannelClosedError: The pipe is closed.
            FrameTimeoutError: The deadline passed.
        """
        data = memoryview(encode_frame(header, tensors))
        # with a deadline a write takes what there is room for; without one it waits for all of it
        os.set_blocking(self._sink, deadline is None)
        try:
            while data:
                self._wait(self._sink, select.POLLOUT, deadline)
                with suppress(BlockingIOError):  # ready for less than was offered: wait again
                    data = data[os.write(self._sink, data) :]
        except (BrokenPipeError, ConnectionResetError):  # a pipe's, a socket's
            raise ChannelClosedError from None

    def receive(self, *, deadline: float | None = None) -> tuple[dict[str, Any], list[Array]]:
        """Receive one frame: its header and its tensors, which are writable and nobody else's.

        Args:
            deadline: As for `send`.

        Raises:
            ChannelClosedError: The pipe is closed.
            FrameError: What came is not a frame.
            FrameTimeoutError: The deadline passed.
        """
        while (end := self._pending.find(b"\n")) < 0:
            if len(self._pending) > MAX_HEADER:
                raise FrameError("no end of line in the first megabyte")
            self._fill(1 << 16, deadline)
        line = bytes(self._pending[:end])
        del self._pending[: end + 1]
        header, sizes = _parse_header(line)
        try:
            return header, [npy_array(self._take(size, deadline)) for size in sizes]
        except NpyError as error:
            raise FrameError(f"not a tensor: {error}") from None

    def _take(self, size: int, deadline: float | None) -> bytearray:
        while len(self._pending) < size:
            self._fill(size - len(self._pending), deadline, in_frame=True)
        data = self._pending[:size]
        del self._pending[:size]
        return data

    def _fill(self, wanted: int, deadline: float | None, *, in_frame: bool = False) -> None:
        self._wait(self._source, select.POLLIN, deadline)
        try:
            data = os.read(self._source, min(max(wanted, 1 << 16), 1 << 20))
        except ConnectionResetError:
            data = b""
        if not data:
            raise ChannelClosedError(in_frame=in_frame or bool(self._pending))
        self._pending += data

    @staticmethod
    def _wait(descriptor: int, event: int, deadline: float | None) -> None:
        if deadline is None:
            return
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise FrameTimeoutError


def _parse_header(line: bytes) -> tuple[dict[str, Any], list[int]]:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    sizes = header.get("sizes") if isinstance(header, dict) else None
    if not isinstance(sizes, list) or not all(type(size) is int for size in sizes):
        raise FrameError(f"not a frame: {line[:80]!r}")
    if len(sizes) > MAX_TENSORS or any(size < 0 or size > MAX_TENSOR for size in sizes):
        raise FrameError(f"impossible tensor sizes in {line[:80]!r}")
    return header, sizes
