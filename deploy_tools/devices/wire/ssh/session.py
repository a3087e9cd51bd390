"""One command over there, on a channel of its own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from deploy_tools.devices.wire.ssh.transport import close_channel
from deploy_tools.devices.wire.ssh.wrapper import Beginning
from deploy_tools.devices.wire.wire import Exit

if TYPE_CHECKING:
    from deploy_tools.devices.wire.ssh.link import Link

_BLOCK: Final = 1 << 17
# seconds between looks at the clock, and at how the command is
_TICK: Final = 0.25
# seconds of silence after which an ended command's output is complete, though something it started holds it
_SILENCE: Final = 1.0
# a shell says of its command that signal N ended it by 128 + N
_SIGNALLED: Final = range(129, 193)


class Session:
    """A running command.

    Args:
        link: What it runs over.
        channel: Its own, with the command begun.
        tag: Of the command.
        doing: What it does, as a clause, for messages.
    """

    def __init__(self, link: Link, channel: Any, tag: str, doing: str) -> None:
        self._link = link
        self._channel = channel
        self._tag = tag
        self._doing = doing
        self._out = Beginning(tag)
        self._err = Beginning(tag)
        self._stderr_lock = threading.Lock()
        self._complete = False
        channel.settimeout(_TICK)

    def write(self, data: bytes) -> bool:
        """Send to its standard input; False where it takes no more."""
        left = memoryview(data)
        while left:
            try:
                sent = self._channel.send(left[:_BLOCK])
            except TimeoutError:
                if self._exited:
                    return False
                continue
            except (OSError, EOFError):
                return False
            if not sent:
                return False
            left = left[sent:]
        return True

    def end_of_input(self) -> None:
        """Tell it that no more comes."""
        with contextlib.suppress(OSError, EOFError):  # it is gone already
            self._channel.shutdown_write()

    def stdout(self, deadline: float | None = None) -> Iterator[bytes]:
        """What it writes to standard output, to its end.

        Args:
            deadline: By ``time.monotonic``.

        Raises:
            TimeoutError: Too late.
        """
        silent_since: float | None = None
        while True:
            try:
                data = self._channel.recv(_BLOCK)
            except TimeoutError:
                now = time.monotonic()
                silent_since = (silent_since or now) if self._exited else None
                if silent_since is not None and now - silent_since >= _SILENCE:
                    return
                data = None
            except EOFError:  # the link broke while more was asked for
                data = b""
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError
            if data is None:
                yield b""
                continue
            if not data:
                self._complete = True
                return
            silent_since = None
            if own := self._out.after(data):
                yield own

    def stderr(self) -> bytes:
        """What it wrote to standard error since this was asked."""
        parts = []
        with self._stderr_lock:
            while self._channel.recv_stderr_ready():
                data = self._channel.recv_stderr(_BLOCK)
                if not data:
                    break
                parts.append(self._err.after(data))
        return b"".join(parts)

    def wait(self, seconds: float) -> Exit | None:
        """Wait for it to end by itself.

        Raises:
            DeviceError: The link broke, or the device did not run the command.
        """
        if not self._channel.status_event.wait(seconds):
            return None
        code = self._channel.exit_status
        if code == -1:
            raise self._link.broken(self._doing)
        if self._complete and not self._out.begun:
            raise self._link.refused(
                f"does not run commands (exit code {code}): "
                f"{self._out.before or self._err.before or 'no word'}",
                "see which login shell the user has there",
            )
        return Exit(128 - code if code in _SIGNALLED else code)

    def close(self, *, end: bool) -> None:
        """Give back the channel.

        Args:
            end: First end the command and what it started, where it has not ended by itself.
        """
        try:
            if end and not (self._exited and self._complete):
                self._link.lifeline.end(self._tag, self._out.session)
        finally:
            close_channel(self._channel)

    @property
    def _exited(self) -> bool:
        return bool(self._channel.status_event.is_set())
