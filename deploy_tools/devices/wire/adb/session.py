"""One connection to a device: what it can do, its keeper, and streams to commands."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Final

from deploy_tools.devices.wire.adb import sync
from deploy_tools.devices.wire.adb.commands import LONGEST, LONGEST_OLD, Place, source_line
from deploy_tools.devices.wire.adb.keeper import Keeper
from deploy_tools.devices.wire.adb.server import AdbServer

_SYNC: Final = b"sync:"


class Session:
    """A device that answers.

    Args:
        server: That leads to it.
        serial: Of the device.
        features: Of the device.
        asked: Called whenever the device is asked something.

    Raises:
        AdbClosedError: The link is gone; as in all methods.
        AdbRefusedError: The device refuses; as in all methods.
        AdbFileError: There is no place for what a command needs; as in the methods that start one.
    """

    def __init__(
        self, server: AdbServer, serial: str, features: frozenset[str], asked: Callable[[], None]
    ) -> None:
        self._server, self._serial, self._asked = server, serial, asked
        self.framed = "shell_v2" in features
        """Whether the device keeps the streams of a command apart and tells its exit code."""
        asked()
        self.keeper = Keeper(server, serial)

    def direct(self, place: Place, body: str) -> socket.socket:
        """A stream of frames to a command."""
        return self._open(b"shell,v2,raw:", place, body, place.direct)

    def collected(self, place: Place, body: str, stdin: bytes, mark: str) -> socket.socket:
        """A stream from a command of an old device."""
        source = place.file("in") if stdin else os.devnull
        if stdin:
            self.write(source, stdin)
        return self._open(b"exec:", place, body, lambda text: place.collected(text, stdin=source, mark=mark))

    def kept(self, place: Place, body: str) -> socket.socket:
        """A stream to and from a process of an old device."""
        return self._open(b"exec:", place, body, place.kept)

    def files(self) -> socket.socket:
        """A stream to the service that reads and writes files."""
        self._asked()
        return self._server.open(self._serial, _SYNC)

    def write(self, path: str, data: bytes) -> None:
        """Make a small file on the device."""
        with self.files() as stream:
            sync.write_file(stream, path, data)

    def _open(self, service: bytes, place: Place, body: str, line: Callable[[str], bytes]) -> socket.socket:
        text = service + line(body)
        if len(text) > (LONGEST if self.framed else LONGEST_OLD):
            path = place.file("sh")
            self.write(path, os.fsencode(f"{body}\n"))
            text = service + line(source_line(path))
        self._asked()
        return self._server.open(self._serial, text)
