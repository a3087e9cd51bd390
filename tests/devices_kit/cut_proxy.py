"""A loopback proxy that cuts a link, or lets it fall silent, after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

_BLOCK = 1 << 18


class CutProxy:
    """Passes bytes on to a port of 127.0.0.1, until it does not.

    Attributes:
        port: Of 127.0.0.1, to connect to.
        passed: Bytes that went to the server so far, over all connections.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.passed = 0
        self._limit: int | None = None
        self._hold_at: int | None = None
        self._held, self._let_go = threading.Event(), threading.Event()
        self._silent = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut_after(self, count: int | None) -> None:
        """Cut the connection when so many more bytes went to the server; None for never."""
        with self._lock:
            self._limit = None if count is None else self.passed + count

    def hold_after(self, count: int) -> threading.Event:
        """Pass nothing on to the server when so many more bytes went there, until `let_go`.

        Returns:
            Is set when it is so.
        """
        with self._lock:
            self._held, self._let_go = threading.Event(), threading.Event()
            self._hold_at = self.passed + count
            return self._held

    def let_go(self) -> None:
        """Pass on what was held, and everything from now on."""
        with self._lock:
            self._hold_at = None
            self._let_go.set()

    def cut(self) -> None:
        """Cut all connections now; new ones are taken."""
        with self._lock:
            sockets = list(self._open)
        for sock in sockets:
            _end(sock)

    def fall_silent(self) -> None:
        """Pass nothing on from now on, in any direction, but keep the connections: a cable that is pulled."""
        self._silent.set()

    def speak_again(self) -> None:
        """Serve new connections again; the silent ones stay silent."""
        with self._lock:
            self._silent = threading.Event()

    def close(self) -> None:
        """End everything."""
        _end(self._listener)
        self._listener.close()
        self.let_go()
        self.cut()
        self._silent.set()
        self._accepting.join(5)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                silent = self._silent
                self._open |= {client, server}
            for ends in ((client, server, True), (server, client, False)):
                thread = threading.Thread(target=self._pass, args=(*ends, silent), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass(
        self, source: socket.socket, target: socket.socket, counted: bool, silent: threading.Event
    ) -> None:
        try:
            while data := source.recv(_BLOCK):
                if silent.is_set():
                    continue
                cut = False
                if counted:
                    with self._lock:
                        hold = self._hold_at is not None and self.passed + len(data) >= self._hold_at
                        held, let_go = self._held, self._let_go
                    if hold:
                        held.set()
                        let_go.wait()
                    with self._lock:
                        if self._limit is not None and self.passed + len(data) >= self._limit:
                            data, cut = data[: max(0, self._limit - self.passed)], True
                            self._limit = None
                        self.passed += len(data)
                target.sendall(data)
                if cut:
                    break
        except OSError:
            pass
        finally:
            if not silent.is_set():
                _end(source)
                _end(target)
            with self._lock:
                self._open -= {source}
            source.close()


def _end(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def cut_proxy(target: int) -> Iterator[CutProxy]:
    """A proxy for a block."""
    proxy = CutProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
