"""A process on a device that keeps its streams apart: a thread takes the frames to and from its pipes."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from typing import Final

from deploy_tools.devices.wire.adb.ending import exit_of
from deploy_tools.devices.wire.adb.frames import (
    BLOCK,
    END_OF_INPUT,
    EXIT,
    STDERR,
    STDOUT,
    FrameReader,
    head,
)
from deploy_tools.devices.wire.wire import Exit
from edge.errors import DeviceError
from edge.predictor.child import LAST_WORDS

_MOST_WAITING: Final = 2 * BLOCK
_LAST_SECONDS: Final = 2.0


class FramedProcess:
    """See `wire.RemoteProcess`.

    Args:
        stream: To its shell, which speaks frames; becomes this object's own.
        kill: Ends it on the device.
        broken: Why nothing comes any more.
        gone: Called when it ended by itself.
        ended: Called when all that was its is given back.
    """

    def __init__(
        self,
        stream: socket.socket,
        *,
        kill: Callable[[], None],
        broken: Callable[[], DeviceError],
        gone: Callable[[], None],
        ended: Callable[[FramedProcess], None],
    ) -> None:
        self._stream = stream
        self._kill, self._broken, self._gone, self._ended = kill, broken, gone, ended
        self._their_stdin, self._stdin = socket.socketpair()
        self._their_stdout, self._stdout = socket.socketpair()
        self._their_stdin.shutdown(socket.SHUT_WR)
        self._stdout.shutdown(socket.SHUT_WR)
        for end in (stream, self._their_stdin, self._their_stdout):
            end.setblocking(False)
        self._words = bytearray()
        self._exit: Exit | None = None
        self._known = threading.Event()  # how it ended, or that nobody knows
        self._ending = False
        self._closed = False
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    @property
    def stdin(self) -> int:
        """Leads to its standard input."""
        return self._stdin.fileno()

    @property
    def stdout(self) -> int:
        """Its standard output."""
        return self._stdout.fileno()

    def words(self) -> str:
        """The end of what it wrote to standard error so far."""
        return self._words.decode(errors="replace")

    def wait(self, seconds: float) -> Exit | None:
        """Wait for it to end by itself."""
        if not self._known.wait(seconds):
            return None
        if self._exit is None:
            raise self._broken()
        return self._exit

    def end(self) -> None:
        """End it and everything it started."""
        with self._turn:
            if self._closed:
                return
            self._closed = True
            self._ending = True  # its output goes nowhere from now on
            with contextlib.suppress(OSError):
                self._stdout.shutdown(socket.SHUT_RDWR)
            if self._exit is None:
                self._kill()
                self._known.wait(_LAST_SECONDS)  # for its last words
                self._exit = self._exit or Exit(-9)
            with contextlib.suppress(OSError):
                self._stream.shutdown(socket.SHUT_RDWR)
            self._thread.join()
            for end in (self._stream, self._stdin, self._stdout, self._their_stdin, self._their_stdout):
                end.close()
            self._ended(self)

    def _carry(self) -> None:
        try:
            self._exchange()
        except OSError:
            pass  # the link broke
        finally:
            self._known.set()
            for end, direction in ((self._their_stdout, socket.SHUT_WR), (self._their_stdin, socket.SHUT_RD)):
                with contextlib.suppress(OSError):
                    end.shutdown(direction)

    def _exchange(self) -> None:
        """Carry until the process ended and all it wrote was taken, or the link broke."""
        frames = FrameReader()
        to_device, to_user = bytearray(), bytearray()
        listening, there = True, True
        while there or to_user:
            poll = select.poll()
            if there:
                wanted = select.POLLIN if len(to_user) < _MOST_WAITING else 0
                poll.register(self._stream, wanted | (select.POLLOUT if to_device else 0))
                if listening and len(to_device) < _MOST_WAITING:
                    poll.register(self._their_stdin, select.POLLIN)
            if to_user:
                poll.register(self._their_stdout, select.POLLOUT)
            for descriptor, events in poll.poll():
                if descriptor == self._their_stdin.fileno():
                    data = self._their_stdin.recv(BLOCK)
                    listening = bool(data)
                    to_device += head(len(data)) + data if data else END_OF_INPUT
                elif descriptor == self._their_stdout.fileno():
                    del to_user[: self._give(to_user)]
                else:
                    if to_device and events & select.POLLOUT:
                        with contextlib.suppress(BlockingIOError):
                            del to_device[: self._stream.send(to_device)]
                    if events & ~select.POLLOUT:
                        there = self._take(frames, to_user)

    def _give(self, data: bytearray) -> int:
        if self._ending:
            return len(data)
        try:
            return self._their_stdout.send(data)
        except BlockingIOError:
            return 0
        except BrokenPipeError:  # nobody wants it any more
            return len(data)

    def _take(self, frames: FrameReader, to_user: bytearray) -> bool:
        """What came from the device; whether more is to come."""
        try:
            data = self._stream.recv(BLOCK)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        for kind, piece in frames.feed(memoryview(data)):
            if kind == STDOUT:
                to_user += piece
            elif kind == STDERR:
                self._words += piece
                del self._words[:-LAST_WORDS]
            elif kind == EXIT:
                self._exit = exit_of(piece[0])
                self._known.set()
                self._gone()
                return False
        return bool(data)
