"""A loopback proxy that passes on so many bytes a second: loopback is a hundred times as fast as a cable."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

USB_2 = 35_000_000
"""Bytes a second that adb reaches over a USB 2.0 cable."""
_BLOCK = 1 << 16


@contextlib.contextmanager
def slow_link(target: int, rate: int) -> Iterator[int]:
    """Pass connections on to a port of 127.0.0.1.

    Args:
        target: The port.
        rate: Bytes a second in each direction of each connection.

    Yields:
        The port to connect to.
    """
    sockets: list[socket.socket] = []

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", target))
                sockets.extend((client, server))
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=_pass, args=(*ends, rate), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            for one in (listener, *sockets):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()


def _pass(source: socket.socket, target: socket.socket, rate: int) -> None:
    for one in (source, target):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    free = 0.0  # when the cable has room again
    with contextlib.suppress(OSError):
        while data := source.recv(_BLOCK):
            free = max(free, time.perf_counter()) + len(data) / rate
            target.sendall(data)
            # sleeping is not exact: a little too early now and then, never more than a few blocks
            if (ahead := free - time.perf_counter()) > 0.002:
                time.sleep(ahead)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
