"""Frames over real pipes: there and back, in any pieces, with a deadline in both directions."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from edge.predictor.frames import Channel, ChannelClosedError, FrameError, FrameTimeoutError, encode_frame


class Ends:
    """One direction: what ``writer`` sends, ``reader`` receives."""

    def __init__(self) -> None:
        self.source, self.sink = os.pipe()
        self.reader, self.writer = Channel(self.source, -1), Channel(-1, self.sink)
        self._closed: set[int] = set()

    def close(self, *descriptors: int) -> None:
        for descriptor in set(descriptors) - self._closed:
            os.close(descriptor)
            self._closed.add(descriptor)


@pytest.fixture
def pipe() -> Iterator[Ends]:
    ends = Ends()
    yield ends
    ends.close(ends.source, ends.sink)


def soon() -> float:
    return time.monotonic() + 0.2


def test_frames_come_as_they_were_sent(pipe: Ends) -> None:
    tensors = [np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((0, 2)), np.int64(7).reshape(())]
    for header, sent in (({"op": "run", "n": [1, "ü"]}, tensors), ({}, []), ({"error": "a\nb"}, [])):
        pipe.writer.send(header, sent)
        received, arrays = pipe.reader.receive(deadline=soon())
        assert {**header, "sizes": received["sizes"]} == received
        assert len(arrays) == len(sent)
        for array, tensor in zip(arrays, sent, strict=True):
            np.testing.assert_array_equal(array, tensor)
            assert array.dtype == tensor.dtype


def test_frames_in_any_pieces(pipe: Ends) -> None:
    """Byte by byte, and two at once: what is left of one read belongs to the next frame."""
    frame = encode_frame({"op": "run"}, [np.ones(3)])
    received = []
    thread = threading.Thread(target=lambda: received.extend(pipe.reader.receive() for _ in range(3)))
    thread.start()
    for byte in frame:
        os.write(pipe.sink, bytes([byte]))
    os.write(pipe.sink, frame + frame)
    thread.join(timeout=60)
    assert [arrays[0].tolist() for _, arrays in received] == [[1, 1, 1]] * 3


@pytest.mark.parametrize("deadline", [None, 20.0])
def test_a_tensor_larger_than_a_pipe(pipe: Ends, deadline: float | None) -> None:
    page = np.random.default_rng(0).random((1, 3, 320, 640), dtype=np.float32)
    end = None if deadline is None else time.monotonic() + deadline
    thread = threading.Thread(target=pipe.writer.send, args=({}, [page]), kwargs={"deadline": end})
    thread.start()
    np.testing.assert_array_equal(pipe.reader.receive(deadline=end)[1][0], page)
    thread.join()


def test_nobody_sends(pipe: Ends) -> None:
    for beginning in (b"", b'{"sizes": [8', b"0]}\nabc"):
        os.write(pipe.sink, beginning)
        start = time.monotonic()
        with pytest.raises(FrameTimeoutError):
            pipe.reader.receive(deadline=soon())
        assert 0.15 < time.monotonic() - start < 60


def test_nobody_takes(pipe: Ends) -> None:
    start = time.monotonic()
    with pytest.raises(FrameTimeoutError):
        pipe.writer.send({}, [np.zeros(100_000)], deadline=soon())
    assert 0.15 < time.monotonic() - start < 60


def test_the_other_side_goes(pipe: Ends) -> None:
    pipe.writer.send({})
    pipe.close(pipe.sink)
    pipe.reader.receive()
    with pytest.raises(ChannelClosedError) as caught:
        pipe.reader.receive()
    assert not caught.value.in_frame, "that is how a conversation ends"


@pytest.mark.parametrize("beginning", [b"{", b'{"sizes": [9]}\n', b'{"sizes": [9]}\n1234'])
def test_the_other_side_goes_within_a_frame(pipe: Ends, beginning: bytes) -> None:
    os.write(pipe.sink, beginning)
    pipe.close(pipe.sink)
    with pytest.raises(ChannelClosedError, match="in the middle of a frame") as caught:
        pipe.reader.receive()
    assert caught.value.in_frame


def test_the_other_side_goes_while_it_is_told(pipe: Ends) -> None:
    pipe.close(pipe.source)
    for deadline in (None, soon()):
        with pytest.raises(ChannelClosedError):
            pipe.writer.send({}, [np.zeros(100_000)], deadline=deadline)


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"3", b"[]", b"{}", b"{'sizes': []}", b'{"sizes": "12"}', b'{"sizes": [true]}', b"\xff"],
)
def test_a_line_that_is_no_header(pipe: Ends, line: bytes) -> None:
    os.write(pipe.sink, line + b"\n")
    with pytest.raises(FrameError, match="not a frame"):
        pipe.reader.receive(deadline=soon())
