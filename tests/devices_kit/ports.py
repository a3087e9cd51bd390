"""Ports of 127.0.0.1 that nobody else is given, for as long as a test wants them."""

from __future__ import annotations

import socket
from types import TracebackType


class HeldPort:
    """A port at which nothing answers, until a server of the test's own listens there.

    A port that was only looked for may be another program's by the time it is used. Here a socket is bound to
    it that does not listen: so the system gives it to no other, and servers, which all reuse addresses, can
    listen there all the same, as often as they are started anew.

    Attributes:
        number: Of the port.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number = int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Give it back."""
        self._socket.close()

    def __enter__(self) -> int:
        return self.number

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
