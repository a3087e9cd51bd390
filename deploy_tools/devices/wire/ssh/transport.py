"""The library's transport, with what it leaves out."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections.abc import Sequence
from typing import Any, Final

import paramiko
from paramiko.common import MSG_CHANNEL_REQUEST

_BANNER_SECONDS: Final = 30.0
_AUTH_SECONDS: Final = 60.0


class HeardSocket:
    """A socket that knows when it last heard something."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self.heard = time.monotonic()

    def recv(self, size: int) -> bytes:
        """Read, and look at the clock."""
        data: bytes = self._sock.recv(size)
        if data:
            self.heard = time.monotonic()
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def _handle_request(channel: Any, message: Any) -> None:
    """Take note of the signal that ended a command, which the library ignores."""
    peek = paramiko.Message(message.get_remainder())
    if peek.get_text() != "exit-signal":
        channel._handle_request(message)
        return
    peek.get_boolean()
    name = peek.get_text()
    number = getattr(signal, f"SIG{name}", signal.SIGKILL)
    channel.exit_status = 128 + number
    channel.status_event.set()


class Transport(paramiko.Transport):
    """One encrypted connection.

    Args:
        sock: What leads to the server: a socket, or a channel of another connection.
        kinds: Kinds of host keys that are known of the server.
    """

    _channel_handler_table = {  # noqa: RUF012  (the library's shape)
        **paramiko.Transport._channel_handler_table,
        MSG_CHANNEL_REQUEST: _handle_request,
    }

    def __init__(self, sock: Any, kinds: Sequence[str], **options: Any) -> None:
        self.heard_socket = HeardSocket(sock)
        if isinstance(sock, socket.socket) and sock.family in (socket.AF_INET, socket.AF_INET6):
            # requests and answers take turns: do not wait for more to send
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(self.heard_socket, **options)
        self.banner_timeout = _BANNER_SECONDS
        self.handshake_timeout = _BANNER_SECONDS
        self.auth_timeout = _AUTH_SECONDS
        self.daemon = True
        security = self.get_security_options()
        wanted = [algorithm for kind in kinds for algorithm in _algorithms(kind)]
        first = [name for name in dict.fromkeys(wanted) if name in security.key_types]
        security.key_types = (*first, *(name for name in security.key_types if name not in first))

    def end(self) -> None:
        """Close it; its thread, its timer and its socket are gone afterwards."""
        self.close()
        self.packetizer.complete_handshake()  # or its timer outlives a connection that failed early
        if self.is_alive():
            self.join(5.0)
        self.heard_socket.close()


def close_channel(channel: Any) -> None:
    """Close a channel, also where the link is breaking just now."""
    with contextlib.suppress(OSError, EOFError):
        channel.close()


def _algorithms(kind: str) -> Sequence[str]:
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
