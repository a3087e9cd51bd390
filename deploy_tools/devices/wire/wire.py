"""The one interface of all wires. Nothing above it knows which wire it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edge.predictor.child import exit_text

Progress = Callable[[int, int], None]
"""Called with the bytes that arrived and those there are in all."""


def script(text: str, *arguments: str) -> list[str]:
    """The command that runs a shell script on a device.

    What comes from outside goes into ``arguments`` and is read as ``"$1"``, ``"$2"`` …: never into the text.

    Args:
        text: For a POSIX ``sh``, BusyBox's and Android's included.
        arguments: Its positional parameters.
    """
    return ["sh", "-c", text, "sh", *arguments]


@dataclass(frozen=True)
class Exit:
    """How a process on a device ended.

    Attributes:
        code: Exit code; negative: the signal that ended it, as ``subprocess`` says it.
    """

    code: int

    def __str__(self) -> str:
        return exit_text(self.code)


@dataclass(frozen=True)
class Finished:
    """A command that ran to its end.

    Attributes:
        exit: How it ended.
        stdout: All it wrote there.
        stderr: All it wrote there; with wires that cannot tell them apart it is in ``stdout``.
    """

    exit: Exit
    stdout: bytes
    stderr: bytes


class RemoteProcess(Protocol):
    """A process on a device whose standard streams are here.

    Dies with us: at the latest when this process or the link is gone, however it went.
    """

    @property
    def stdin(self) -> int:
        """File descriptor that leads to its standard input, binary; works with ``select``."""
        ...

    @property
    def stdout(self) -> int:
        """File descriptor of its standard output, binary; works with ``select``.

        Its end means that the process, or the link, is gone.
        """
        ...

    def words(self) -> str:
        """The last 64 KiB of what it wrote to standard error so far."""
        ...

    def wait(self, seconds: float) -> Exit | None:
        """Wait for it to end by itself; None where it has not after so many seconds.

        Raises:
            DeviceError: The link broke, so nobody knows.
        """
        ...

    def end(self) -> None:
        """End it and everything it started, and give back descriptors and threads. May be called again."""
        ...


class Wire(Protocol):
    """A connection to a device, opened by its first use, kept until `close`.

    Safe to use from several threads. Every method raises ``DeviceError`` where the device cannot be reached,
    refuses, or the link breaks, with a message that names the device, what was found and what to do.
    """

    @property
    def name(self) -> str:
        """Of the device, as the user calls it."""
        ...

    @property
    def address(self) -> str:
        """Where it leads, for messages: ``ssh pi@10.0.0.7``, ``adb 0A1B2C``."""
        ...

    @property
    def round_trips(self) -> int:
        """How often something was asked of the device so far, and its answer awaited."""
        ...

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
        """Run a command to its end; one round trip.

        Args:
            command: Program and arguments, of any characters but NUL; quoted here, never by the caller.
            stdin: What it reads.
            seconds: Time limit; then it is ended there.

        Raises:
            DeviceTimeoutError: It did not end in time.
            DeviceError: See the class.
        """
        ...

    def start(self, command: Sequence[str]) -> RemoteProcess:
        """Start a process and talk to it; it may speak before it is spoken to."""
        ...

    def send(self, source: Path, target: str, *, offset: int = 0, progress: Progress | None = None) -> None:
        """Write a file of this host to the device, from an offset on, which is what is there already.

        The caller gives temporary names and renames: an interrupted transfer leaves what had arrived.

        Args:
            source: File here.
            target: Absolute path there, of any characters but NUL; its folder exists.
            offset: Bytes of the source that the target holds already; 0 makes it anew.
            progress: Called as it goes.
        """
        ...

    def receive(self, source: str, target: Path, *, progress: Progress | None = None) -> None:
        """Read a file of the device; ``target`` appears only when all of it has arrived."""
        ...

    def close(self) -> None:
        """End what is still running there and the connection.

        May be called again; a later use connects anew.
        """
        ...
