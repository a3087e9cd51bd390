"""A process over there whose standard streams are descriptors here."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable
from typing import Final

from deploy_tools.devices.wire.ssh.session import Session
from deploy_tools.devices.wire.wire import Exit
from edge.predictor.child import LAST_WORDS

_BLOCK: Final = 1 << 17
# fewer turns between the threads at both ends of a pipe; the most an ordinary user may have
_PIPE_BYTES: Final = 1 << 20


class SshProcess:
    """See `wire.RemoteProcess`. Closing `stdin` ends its input.

    Args:
        session: The command.
        ended: Called once it is given up.
    """

    def __init__(self, session: Session, ended: Callable[[SshProcess], None]) -> None:
        self._session = session
        self._ended = ended
        self._words = bytearray()
        self._words_lock = threading.Lock()
        self._end_lock = threading.Lock()
        self._over = False
        self._from_us, self._stdin = _Pipe.open()
        self._stdout, self._to_us = _Pipe.open()
        self._pumps = [
            threading.Thread(target=self._pump_in, daemon=True, name="ssh stdin"),
            threading.Thread(target=self._pump_out, daemon=True, name="ssh stdout"),
        ]
        for pump in self._pumps:
            pump.start()

    @property
    def stdin(self) -> int:
        """Leads to its standard input."""
        return self._stdin.number

    @property
    def stdout(self) -> int:
        """Its standard output."""
        return self._stdout.number

    def words(self) -> str:
        """The end of what it wrote to standard error so far."""
        self._listen()
        return bytes(self._words).decode(errors="replace")

    def wait(self, seconds: float) -> Exit | None:
        """Wait for it to end by itself."""
        return self._session.wait(seconds)

    def end(self) -> None:
        """End it and everything it started."""
        self._give_up(end=True)

    def forget(self) -> None:
        """Give back what is here of a process whose link ended it."""
        self._give_up(end=False)

    def _give_up(self, *, end: bool) -> None:
        with self._end_lock:
            if self._over:
                return
            self._over = True
            try:
                self._session.close(end=end)
            finally:
                self._listen()
                self._stdin.close()
                self._stdout.close()
                for pump in self._pumps:
                    pump.join(5.0)
                self._ended(self)

    def _listen(self) -> None:
        with self._words_lock:
            self._words += self._session.stderr()
            del self._words[:-LAST_WORDS]

    def _pump_in(self) -> None:
        try:
            while data := os.read(self._from_us.number, _BLOCK):
                if not self._session.write(data):
                    return  # whoever writes learns it by EPIPE
            self._session.end_of_input()
        finally:
            self._from_us.close()

    def _pump_out(self) -> None:
        try:
            for data in self._session.stdout():
                self._listen()
                left = memoryview(data)
                while left:
                    left = left[os.write(self._to_us.number, left) :]
        except BrokenPipeError:
            pass  # given up
        finally:
            self._listen()
            self._to_us.close()


class _Pipe:
    """One end of a pipe, closed once: its number may be somebody else's afterwards."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._identity: os.stat_result | None = os.fstat(number)
        self._lock = threading.Lock()

    @classmethod
    def open(cls) -> tuple[_Pipe, _Pipe]:
        """Its end to read from and its end to write to."""
        ends = os.pipe()
        with contextlib.suppress(OSError):
            fcntl.fcntl(ends[0], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        return cls(ends[0]), cls(ends[1])

    def close(self) -> None:
        """Close it, unless whoever was given the number did."""
        with self._lock, contextlib.suppress(OSError):
            if self._identity is not None and os.path.samestat(os.fstat(self.number), self._identity):
                os.close(self.number)
            self._identity = None
