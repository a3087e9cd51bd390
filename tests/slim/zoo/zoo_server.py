"""A real web server on the loopback interface that can be told to misbehave."""

from __future__ import annotations

import hashlib
import http.server
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Behaviour = Callable[["Handler", bytes], None]


@dataclass(frozen=True)
class Request:
    """What the server was asked: path without the leading slash, and the Range header."""

    path: str
    range: str | None


class MirrorServer(http.server.ThreadingHTTPServer):
    """Serves ``files``; each request to a path first uses up one of its ``behaviours``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.behaviours: dict[str, list[Behaviour]] = defaultdict(list)
        self.requests: list[Request] = []
        self.stop = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def ranges(self, path: str) -> list[str | None]:
        """The Range header of each request for a path, in order."""
        return [request.range for request in self.requests if request.path == path]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up, which is what many tests make it do."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MirrorServer

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        self.server.requests.append(Request(path, self.headers.get("Range")))
        waiting = self.server.behaviours[path]
        behaviour = waiting.pop(0) if waiting else honest
        if path not in self.server.files and behaviour is honest:
            self.answer(404, b"not found")
            return
        behaviour(self, self.server.files.get(path, b""))

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """A whole answer."""
        self.head(status, len(body), **headers)
        self.wfile.write(body)

    def head(self, status: int, length: int | None, **headers: str) -> None:
        """Status line and headers."""
        self.send_response(status)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


def tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:12]}"'


def asked_from(handler: Handler, content: bytes) -> int:
    """First byte the client wants, if it may have it: its If-Range must name this content."""
    wanted = handler.headers.get("Range")
    if wanted is None or handler.headers.get("If-Range") != tag(content):
        return 0
    return int(wanted.removeprefix("bytes=").rstrip("-"))


def head_for(handler: Handler, content: bytes) -> bytes:
    """Send the headers for the (rest of the) content, and return that rest."""
    start = asked_from(handler, content)
    rest = content[start:]
    if start:
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.head(206, len(rest), ETag=tag(content), Content_Range=span)
    else:
        handler.head(200, len(rest), ETag=tag(content))
    return rest


def honest(handler: Handler, content: bytes) -> None:
    handler.wfile.write(head_for(handler, content))


def status(code: int, **headers: str) -> Behaviour:
    return lambda handler, content: handler.answer(code, b"sorry", **headers)


def cut_after(count: int) -> Behaviour:
    """Announce everything, send ``count`` bytes, hang up."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.wfile.write(head_for(handler, content)[:count])
        handler.hang_up()

    return behave


def stall_after(count: int) -> Behaviour:
    """Send ``count`` bytes, then nothing until the test is over."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.wfile.write(head_for(handler, content)[:count])
        handler.wfile.flush()
        handler.server.stop.wait(60)
        handler.hang_up()

    return behave


def trickle(piece: int, pause: float) -> Behaviour:
    """Send the content in small pieces."""

    def behave(handler: Handler, content: bytes) -> None:
        rest = head_for(handler, content)
        for start in range(0, len(rest), piece):
            handler.wfile.write(rest[start : start + piece])
            handler.wfile.flush()
            if handler.server.stop.wait(pause):
                break

    return behave


def without_length(handler: Handler, content: bytes) -> None:
    """The end of the connection is the end of the file."""
    handler.head(200, None)
    handler.wfile.write(content)
    handler.close_connection = True


def without_version(count: int) -> Behaviour:
    """No ETag and no Last-Modified; hangs up after ``count`` bytes."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.head(200, len(content))
        handler.wfile.write(content[:count])
        handler.hang_up()

    return behave


def wrong_part(handler: Handler, content: bytes) -> None:
    """Answers any request with bytes 3 to the end."""
    span = f"bytes 3-{len(content) - 1}/{len(content)}"
    handler.answer(206, content[3:], ETag=tag(content), Content_Range=span)


def encoded(handler: Handler, content: bytes) -> None:
    handler.answer(200, content, Content_Encoding="gzip")


def silent(handler: Handler, content: bytes) -> None:
    """Accepts the request and never answers."""
    handler.server.stop.wait(60)
    handler.hang_up()


@contextmanager
def running_server(tls: ssl.SSLContext | None = None) -> Iterator[MirrorServer]:
    server = MirrorServer()
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Fail the test if something does not happen in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)
