"""Commands: with the shell protocol, raw as ``exec:`` has them, and on a terminal as old devices do it."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from tests.devices_kit.adbd.link import Stream
from tests.devices_kit.adbd.packets import LinkClosedError

FRAME = struct.Struct("<BI")
STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN = range(5)


@dataclass(frozen=True)
class Shell:
    """What runs the commands.

    Attributes:
        program: A POSIX shell.
        environment: All that commands see of the environment.
    """

    program: str
    environment: Mapping[str, str]

    def start(self, command: bytes, stdin: int, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [os.fsencode(self.program), b"-c", command],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd="/",
            env=dict(self.environment),
            start_new_session=True,  # as adbd does
        )


def serve_v2(stream: Stream, shell: Shell, command: bytes) -> None:
    """Frames of stdin, stdout, stderr and the exit code. When the host is gone the shell gets SIGHUP."""
    ours, theirs = socket.socketpair()
    errors, their_errors = os.pipe()
    process = shell.start(command, theirs.fileno(), theirs.fileno(), their_errors)
    theirs.close()
    os.close(their_errors)
    gone = threading.Event()

    def feed() -> None:
        try:
            _feed(stream, ours)
        except LinkClosedError:
            gone.set()
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGHUP)
            with contextlib.suppress(OSError):
                ours.shutdown(socket.SHUT_RDWR)

    sending = threading.Lock()

    def forward(kind: int, source: int) -> None:
        with contextlib.suppress(OSError, LinkClosedError):
            while data := os.read(source, 1 << 16):
                with sending:
                    stream.write(FRAME.pack(kind, len(data)) + data)

    threads = [
        threading.Thread(target=forward, args=(STDOUT, ours.fileno()), daemon=True),
        threading.Thread(target=forward, args=(STDERR, errors), daemon=True),
    ]
    feeder = threading.Thread(target=feed, daemon=True)
    for thread in (*threads, feeder):
        thread.start()
    for thread in threads:
        thread.join()
    os.close(errors)
    code = process.wait()
    if not gone.is_set():
        stream.write(FRAME.pack(EXIT, 1) + bytes([code if code >= 0 else 0x80 | -code]))
    stream.close()
    stream.end()
    feeder.join()
    ours.close()


def _feed(stream: Stream, sink: socket.socket) -> None:
    """Frames of the host to the command, until the host is gone."""
    kind, left = STDIN, 0
    head = b""
    while True:
        data = memoryview(stream.read())
        if not data:
            raise LinkClosedError
        while data:
            if left == 0:
                take = FRAME.size - len(head)
                head += bytes(data[:take])
                data = data[take:]
                if len(head) < FRAME.size:
                    break
                kind, left = FRAME.unpack(head)
                head = b""
                if kind == CLOSE_STDIN:
                    with contextlib.suppress(OSError):
                        sink.shutdown(socket.SHUT_WR)
            part, data = data[:left], data[left:]
            left -= len(part)
            if kind == STDIN:
                with contextlib.suppress(OSError):  # the command does not read it
                    sink.sendall(part)


def serve_raw(stream: Stream, shell: Shell, command: bytes) -> None:
    """Both directions as they are, errors among the output; no command is told when the host is gone."""
    ours, theirs = socket.socketpair()
    process = shell.start(command, theirs.fileno(), theirs.fileno(), theirs.fileno())
    theirs.close()
    _copy(stream, ours.fileno(), ours)
    process.wait()


def serve_terminal(stream: Stream, shell: Shell, command: bytes) -> None:
    """On a terminal: line ends become CRLF, errors are among the output, no exit code."""
    ours, theirs = pty.openpty()
    process = shell.start(command, theirs, theirs, theirs)
    os.close(theirs)
    try:
        _copy(stream, ours, None)
    finally:
        os.close(ours)  # hangs up
    process.wait()


def _copy(stream: Stream, source: int, sink: socket.socket | None) -> None:
    def feed() -> None:
        while data := stream.read():
            with contextlib.suppress(OSError):
                if sink is not None:
                    sink.sendall(data)
                else:
                    os.write(source, data)
        if sink is not None:
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    with contextlib.suppress(OSError, LinkClosedError):  # a terminal's end is an error
        while data := os.read(source, 1 << 16):
            stream.write(data)
    stream.close()
    stream.end()
    feeder.join()
    if sink is not None:
        sink.close()
