"""Wires with a difference: other shells and tools there, and links that fail. What they lead to is real."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from deploy_tools.devices.wire.host import HostProcess
from deploy_tools.devices.wire.wire import Finished, Progress, Wire
from edge.errors import DeviceError

# all that the store may use of a device
TOOLS = (
    *(
        "cat",
        "chmod",
        "cp",
        "df",
        "du",
        "env",
        "kill",
        "ln",
        "ls",
        "mkdir",
        "mv",
        "printf",
        "rm",
        "sha256sum",
    ),
    *("sleep", "tar", "uname"),
)


class Around:
    """A wire that passes everything on."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    @property
    def name(self) -> str:
        return self.wire.name

    @property
    def address(self) -> str:
        return self.wire.address

    @property
    def round_trips(self) -> int:
        return self.wire.round_trips

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
        return self.wire.run(command, stdin=stdin, seconds=seconds)

    def start(self, command: Sequence[str]) -> HostProcess:
        return self.wire.start(command)  # type: ignore[return-value]

    def send(self, source: Path, target: str, *, offset: int = 0, progress: Progress | None = None) -> None:
        self.wire.send(source, target, offset=offset, progress=progress)

    def receive(self, source: str, target: Path, *, progress: Progress | None = None) -> None:
        self.wire.receive(source, target, progress=progress)

    def close(self) -> None:
        self.wire.close()


class ToolWire(Around):
    """A device with another shell, and only some tools.

    Args:
        wire: Leads there.
        shell: What ``sh`` is.
        path: Where programs are found.
        before: What stands before every command, to run it as somebody else.
    """

    def __init__(self, wire: Wire, shell: Sequence[str], path: str, before: Sequence[str] = ()) -> None:
        super().__init__(wire)
        self.shell = shell
        self.path = path
        self.before = before

    def _there(self, command: Sequence[str]) -> list[str]:
        assert command[0] == "sh"
        return [*self.before, "/usr/bin/env", f"PATH={self.path}", *self.shell, *command[1:]]

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
        return self.wire.run(self._there(command), stdin=stdin, seconds=seconds)

    def start(self, command: Sequence[str]) -> HostProcess:
        return super().start(self._there(command))


class CutWire(Around):
    """A link that breaks after so many bytes, once; counts what goes over it."""

    def __init__(self, wire: Wire, after: int | None = None) -> None:
        super().__init__(wire)
        self.after = after
        self.sent = 0

    def send(self, source: Path, target: str, *, offset: int = 0, progress: Progress | None = None) -> None:
        content = source.read_bytes()
        room = len(content) if self.after is None else self.after
        arrives = content[offset : offset + room]
        with Path(target).open("r+b" if offset else "wb") as there:
            there.seek(offset)
            there.write(arrives)
            there.truncate()
        self.sent += len(arrives)
        if progress is not None:
            progress(offset + len(arrives), len(content))
        if self.after is not None:
            self.after -= len(arrives)
            if self.after <= 0:
                self.after = None
                raise DeviceError(self.name, "the link broke", "try again")


class DamagingWire(Around):
    """Does something to each file on its way."""

    def __init__(self, wire: Wire, damage: Callable[[Path, Path], None]) -> None:
        super().__init__(wire)
        self.damage = damage

    def send(self, source: Path, target: str, *, offset: int = 0, progress: Progress | None = None) -> None:
        self.wire.send(source, target, offset=offset, progress=progress)
        self.damage(source, Path(target))
