"""One named device, as it stands in the inventory file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class HostKeys(Enum):
    """What is done about the key of an SSH server that ``known_hosts`` does not know."""

    STRICT = "strict"
    ACCEPT_NEW = "accept-new"


@dataclass(frozen=True)
class SshAddress:
    """A device that answers SSH. What is None is ``~/.ssh/config``'s to say.

    Attributes:
        host: Name of ``~/.ssh/config``, host name or address.
        user: To log in as.
        port: Of the server.
        identity: Private key.
        ask_password: Ask for the password when it is needed; it is never stored.
        host_keys: A changed key is refused either way.
    """

    host: str
    user: str | None = None
    port: int | None = None
    identity: Path | None = None
    ask_password: bool = False
    host_keys: HostKeys = HostKeys.STRICT


@dataclass(frozen=True)
class AdbAddress:
    """An Android device.

    Attributes:
        serial: As ``adb devices`` lists it: of a USB device, or ``host:port``.
    """

    serial: str


@dataclass(frozen=True)
class HostAddress:
    """This host, as if it were a device; for tests of what lies above the wires."""


@dataclass(frozen=True)
class DeviceEntry:
    """A device.

    Attributes:
        name: What the user calls it after ``--device``.
        address: What leads to it.
        folder: Where files are kept there, absolute or relative to the home folder; None for the wire's own
            default (``.ppocr-edge``, on Android ``/data/local/tmp/ppocr-edge``).
        lite_home: Paddle-Lite inference library on this host for the device; the native runner is built from
            it.
        python: Python of the device that has paddlelite, numpy, pillow, pyclipper and scipy; the Python
            runner is sent to it. One of the two is needed to run anything.
        threads: Of the library; None for its default.
        power_mode: Which cores to use; None for the library's default.
    """

    name: str
    address: SshAddress | AdbAddress | HostAddress
    folder: str | None = None
    lite_home: Path | None = None
    python: str | None = None
    threads: int | None = None
    power_mode: str | None = None
