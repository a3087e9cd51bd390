"""A process on an old device: its two streams are one socket, its words and its exit code files there."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable

from deploy_tools.devices.wire.adb.ending import exit_of
from deploy_tools.devices.wire.wire import Exit
from edge.errors import DeviceError


class OldProcess:
    """See `wire.RemoteProcess`. The end of its standard input cannot be told to it but by ending it.

    Args:
        stream: Both its standard input and its output; becomes this object's own.
        read: The end of a file of it on the device, by the file's ending; None where there is none.
        kill: Ends it on the device.
        broken: Why nothing comes any more.
        ended: Called when all that was its is given back.
    """

    def __init__(
        self,
        stream: socket.socket,
        *,
        read: Callable[[str], bytes | None],
        kill: Callable[[], None],
        broken: Callable[[], DeviceError],
        ended: Callable[[OldProcess], None],
    ) -> None:
        stream.settimeout(None)
        self._stream = stream
        self._read, self._kill, self._broken, self._ended = read, kill, broken, ended
        self._words = ""
        self._exit: Exit | None = None
        self._closed = False
        self._turn = threading.RLock()

    @property
    def stdin(self) -> int:
        """Leads to its standard input."""
        return self._stream.fileno()

    @property
    def stdout(self) -> int:
        """Its standard output."""
        return self._stream.fileno()

    def words(self) -> str:
        """The end of what it wrote to standard error so far; asks the device."""
        with self._turn:
            if not self._closed:
                with contextlib.suppress(DeviceError):
                    said = self._read("err")  # None where the device was restarted, and it is gone
                    self._words = self._words if said is None else said.decode(errors="replace")
            return self._words

    def wait(self, seconds: float) -> Exit | None:
        """Wait for it to end by itself."""
        end = time.monotonic() + seconds
        with self._turn:
            if self._exit is not None:
                return self._exit
        poll = select.poll()
        poll.register(self._stream, select.POLLRDHUP)
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            return None
        with self._turn:
            if self._exit is None:
                code = self._read("exit")
                if code is None or not code.strip().isdigit():
                    raise self._broken()
                self._exit = exit_of(int(code))
            return self._exit

    def end(self) -> None:
        """End it and everything it started."""
        with self._turn:
            if self._closed:
                return
            self.words()
            self._kill()
            self._exit = self._exit or Exit(-9)
            self._closed = True
            self._stream.close()
            self._ended(self)
