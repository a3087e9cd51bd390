"""This host as if it were a device: the same commands, processes and files, and nothing in between."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from deploy_tools.devices.wire.arriving import arriving
from deploy_tools.devices.wire.running import Running
from deploy_tools.devices.wire.wire import Exit, Finished, Progress
from edge.errors import DeviceError, DeviceTimeoutError
from edge.predictor.child import LAST_WORDS

_BLOCK: Final = 1 << 20
# Gets a process group, then waits: for a line, or for the end of whoever started it, however it went.
_GUARD: Final = 'read -r group; read -r _ || kill -9 "-$group"'
_LAST_SECONDS: Final = 1.0
"""So long the last words of a process may take when it has ended."""
# what a login over SSH leaves of an environment
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR")


class HostWire:
    """Runs everything on this host, each process in a session of its own. See `wire.Wire`.

    Args:
        name: What the user calls it.
        home: Its home folder, where commands start; this user's where None.
    """

    def __init__(self, name: str, home: Path | None = None) -> None:
        self._name = name
        self._home = (home or Path.home()).absolute()
        self._trips = 0
        self._running: Running[HostProcess] = Running()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Of the device."""
        return self._name

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"this host, {self._home}"

    @property
    def round_trips(self) -> int:
        """How often something was asked."""
        return self._trips

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
        """Run a command to its end; see `wire.Wire`."""
        group = self._group(command)
        try:
            stdout, stderr = group.process.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired:
            group.kill()
            group.process.communicate()
            raise DeviceTimeoutError(
                self._name,
                f"{command[0]} did not end within {seconds:g} s, and was ended",
                "see whether the device is busy",
            ) from None
        except BaseException:
            group.kill()
            group.process.communicate()
            raise
        group.release()
        return Finished(Exit(group.process.returncode), stdout, stderr)

    def start(self, command: Sequence[str]) -> HostProcess:
        """Start a process; see `wire.Wire`."""
        return self._running.add(HostProcess(self._group(command), self._running.forget))

    def send(self, source: Path, target: str, *, offset: int = 0, progress: Progress | None = None) -> None:
        """Copy a file; see `wire.Wire`."""
        self._count()
        try:
            with source.open("rb") as stream, open(target, "r+b" if offset else "wb") as there:  # noqa: PTH123
                stream.seek(offset)
                there.seek(offset)
                there.truncate()
                _copy(stream, there, os.fstat(stream.fileno()).st_size, progress)
        except OSError as error:
            raise self._refused(f"{target} cannot be written", error) from None

    def receive(self, source: str, target: Path, *, progress: Progress | None = None) -> None:
        """Copy a file; see `wire.Wire`."""
        self._count()
        try:
            with open(source, "rb") as stream, arriving(target) as here:  # noqa: PTH123
                _copy(stream, here, os.fstat(stream.fileno()).st_size, progress)
        except OSError as error:
            raise self._refused(f"{source} cannot be read", error) from None

    def close(self) -> None:
        """End what is still running; see `wire.Wire`."""
        for process in self._running.now():
            process.end()

    def _group(self, command: Sequence[str]) -> _Group:
        self._count()
        environment = {key: os.environ[key] for key in _KEPT if key in os.environ}
        try:
            return _Group(command, self._home, {**environment, "HOME": str(self._home)})
        except OSError as error:
            raise self._refused(f"{command[0]} cannot be started", error) from None

    def _count(self) -> None:
        with self._lock:
            self._trips += 1

    def _refused(self, what: str, error: OSError) -> DeviceError:
        return DeviceError(self._name, f"{what} ({error.strerror})", "see its permissions and free space")


def _copy(source: IO[bytes], target: IO[bytes], total: int, progress: Progress | None) -> None:
    while block := source.read(_BLOCK):
        target.write(block)
        if progress is not None:
            progress(source.tell(), total)


class _Group:
    """A process, its session, and the guard that ends the session when this process is gone."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            # by a shell, as a device would: what is not there ends with 127, what may not be run with 126
            self.process = subprocess.Popen(
                ["sh", "-c", 'exec "$@"', "sh", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        except BaseException:
            self._guard.kill()
            self._dismiss(b"")
            raise
        self._tell(b"%d\n" % self.process.pid)

    def kill(self) -> None:
        """End the process and everything in its session."""
        # by the guard's number, not the process's, which may be another's once it has been waited for
        self._dismiss(b"")

    def release(self) -> None:
        """Leave alone what the process left in its session, and let the guard go."""
        self._dismiss(b"\n")

    def _tell(self, word: bytes) -> None:
        assert self._guard.stdin is not None  # noqa: S101  (PIPE was asked for)
        with contextlib.suppress(OSError):
            self._guard.stdin.write(word)
            self._guard.stdin.flush()

    def _dismiss(self, word: bytes) -> None:
        assert self._guard.stdin is not None  # noqa: S101
        if self._guard.stdin.closed:
            return
        self._tell(word)
        with contextlib.suppress(OSError):
            self._guard.stdin.close()
        self._guard.wait()


class HostProcess:
    """A process on this host; see `wire.RemoteProcess`."""

    def __init__(self, group: _Group, ended: Callable[[HostProcess], None]) -> None:
        self._group = group
        self._ended = ended
        self._words = bytearray()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def stdin(self) -> int:
        """Leads to its standard input."""
        assert self._group.process.stdin is not None  # noqa: S101  (PIPE was asked for)
        return self._group.process.stdin.fileno()

    @property
    def stdout(self) -> int:
        """Its standard output."""
        assert self._group.process.stdout is not None  # noqa: S101
        return self._group.process.stdout.fileno()

    def words(self) -> str:
        """The end of what it wrote to standard error so far."""
        return self._words.decode(errors="replace")

    def wait(self, seconds: float) -> Exit | None:
        """Wait for it to end by itself."""
        try:
            code = self._group.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        self._listener.join(timeout=_LAST_SECONDS)  # what it left running may hold its standard error
        return Exit(code)

    def end(self) -> None:
        """End it and everything it started."""
        process = self._group.process
        self._group.kill()
        process.wait()
        self._listener.join(timeout=2.0)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None  # noqa: S101
            with contextlib.suppress(OSError):
                pipe.close()
        self._ended(self)

    def _listen(self) -> None:
        stderr = self._group.process.stderr
        assert stderr is not None  # noqa: S101
        with stderr:
            while data := os.read(stderr.fileno(), 1 << 14):
                self._words += data
                del self._words[:-LAST_WORDS]
