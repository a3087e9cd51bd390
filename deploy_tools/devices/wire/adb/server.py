"""The adb server of this host, which holds the connections to all Android devices.

It is asked over its own socket, as the ``adb`` program does it: one connection for each question, each stream
and each file. The program itself is needed only to start a server where none runs. A server that runs is used
whatever its version, and never ended: it may be another's.

Source of the requests: AOSP, ``packages/modules/adb/SERVICES.TXT`` and ``OVERVIEW.TXT``.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from typing import Final

from edge.errors import DeviceError

_HOST: Final = "127.0.0.1"
_PORT: Final = 5037
_START_SECONDS: Final = 20.0
# a connection to a port that accepts and stays silent is given up after 10 s by the server
_ANSWER_SECONDS: Final = 20.0
_BUFFER: Final = 1 << 20

_starting = threading.Lock()


class AdbClosedError(Exception):
    """The adb server, or the stream through it, ended; or does not answer."""


class AdbSilentError(AdbClosedError):
    """It does not answer, though nothing says that it ended."""


class AdbRefusedError(Exception):
    """The adb server said no; the text is its own."""


class AdbServer:
    """Asks the adb server.

    Args:
        name: Of the device that it is asked for; for messages.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def require(self) -> bool:
        """Make sure that a server runs.

        Returns:
            It was started just now, and may not have looked around yet.

        Raises:
            DeviceError: None runs, and none can be started.
        """
        with _starting:
            if self.runs():
                return False
            self._start()
            return True

    def runs(self) -> bool:
        """Whether a server answers."""
        try:
            self.ask("host:version")
        except (AdbClosedError, AdbRefusedError):
            return False
        return True

    def states(self) -> dict[str, str]:
        """What is attached: serials and their states, as ``adb devices`` says them.

        Raises:
            AdbClosedError: The server is gone.
            AdbRefusedError: It does not say.
        """
        lines = self.ask("host:devices").splitlines()
        return {serial: state for serial, _, state in (line.partition("\t") for line in lines) if state}

    def features(self, serial: str) -> frozenset[str]:
        """What a device can do, as it said when it was connected; errors as `states`."""
        return frozenset(self.ask(f"host-serial:{serial}:features").split(","))

    def ask(self, request: str) -> str:
        """Ask something that has one answer.

        Raises:
            AdbClosedError: The server is gone.
            AdbRefusedError: It says no.
        """
        with self._request(request) as connection:
            length = receive_exactly(connection, 4)
            try:
                return receive_exactly(connection, int(length, 16)).decode(errors="replace").strip()
            except ValueError:
                raise AdbClosedError from None

    def open(self, serial: str, service: bytes, seconds: float = _ANSWER_SECONDS) -> socket.socket:
        """Open a stream to a service of a device.

        Args:
            serial: Of the device.
            service: As ``adbd`` knows it.
            seconds: How long the device may take to answer.

        Returns:
            Its socket, blocking, and timed as ``seconds`` says.

        Raises:
            AdbClosedError: The server is gone, or the device does not answer.
            AdbRefusedError: It says no.
        """
        connection = self._request(f"host:transport:{serial}")
        try:
            connection.settimeout(seconds)
            _say(connection, service)
        except BaseException:
            connection.close()
            raise
        return connection

    def _request(self, request: str) -> socket.socket:
        try:
            connection = socket.create_connection(_address(self._name), timeout=_ANSWER_SECONDS)
        except OSError as error:
            raise AdbClosedError(str(error)) from None
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            _say(connection, os.fsencode(request))
        except BaseException:
            connection.close()
            raise
        return connection

    def _start(self) -> None:
        program = _program()
        if program is None:
            raise DeviceError(
                self._name,
                "needs adb, which is not installed here (there is none in PATH), and no adb server runs",
                "apt-get install adb",
            )
        try:
            done = subprocess.run(
                [program, "start-server"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_START_SECONDS,
                check=False,
                start_new_session=True,  # Ctrl-C here is not meant for the server
            )
            said = " ".join(done.stdout.decode(errors="replace").split())
        except subprocess.TimeoutExpired:
            said = f"it took longer than {_START_SECONDS:g} s"
        except OSError as error:
            said = error.strerror or str(error)
        end = time.monotonic() + 2.0  # another may be starting one at the same time
        while not self.runs():
            if time.monotonic() > end:
                raise DeviceError(
                    self._name,
                    f"the adb server cannot be started ({said[-300:] or 'it says nothing'})",
                    "see what 'adb start-server' says, and that its port is free",
                )
            time.sleep(0.05)


def receive_exactly(connection: socket.socket, length: int) -> bytearray:
    """So many bytes of a stream.

    Raises:
        AdbClosedError: It ended before.
        AdbSilentError: Nothing came in time.
    """
    data = bytearray(length)
    view = memoryview(data)
    while view:
        try:
            count = connection.recv_into(view)
        except TimeoutError as error:
            raise AdbSilentError(str(error)) from None
        except OSError as error:
            raise AdbClosedError(str(error)) from None
        if not count:
            raise AdbClosedError
        view = view[count:]
    return data


def _program() -> str | None:
    """The ``adb`` program: of ``PATH``, or of the Android SDK that is named."""
    folders = (os.environ.get(variable) for variable in ("ANDROID_HOME", "ANDROID_SDK_ROOT"))
    found = [shutil.which("adb", path=f"{folder}/platform-tools") for folder in folders if folder]
    return shutil.which("adb") or next((program for program in found if program), None)


def _address(name: str) -> tuple[str, int]:
    """Where the server listens, by the variables that the ``adb`` program heeds."""
    host = os.environ.get("ANDROID_ADB_SERVER_ADDRESS") or _HOST
    port = os.environ.get("ANDROID_ADB_SERVER_PORT") or str(_PORT)
    variable, value = "ANDROID_ADB_SERVER_PORT", port
    if given := os.environ.get("ADB_SERVER_SOCKET"):
        variable, value = "ADB_SERVER_SOCKET", given
        match = re.fullmatch(r"tcp:(?:(.+):)?(\d+)", given)
        host, port = (match[1] or _HOST, match[2]) if match else (host, "")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
        raise DeviceError(
            name, f"{variable} is {value!r}, not the place of an adb server", f"unset {variable}"
        )
    return host, int(port)


def _say(connection: socket.socket, request: bytes) -> None:
    """Ask, and read whether that is granted."""
    try:
        connection.sendall(b"%04x" % len(request) + request)
    except OSError as error:
        raise AdbClosedError(str(error)) from None
    answer = receive_exactly(connection, 4)
    if answer == b"OKAY":
        return
    if answer != b"FAIL":
        raise AdbClosedError
    length = receive_exactly(connection, 4)
    raise AdbRefusedError(
        " ".join(receive_exactly(connection, int(length, 16)).decode(errors="replace").split())
    )
