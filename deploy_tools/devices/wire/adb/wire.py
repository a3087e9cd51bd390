"""An Android device behind adb: every command, process and file is a stream of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from deploy_tools.devices.inventory.entry import AdbAddress
from deploy_tools.devices.wire.adb import sync
from deploy_tools.devices.wire.adb.attach import attach, broken_error, is_network
from deploy_tools.devices.wire.adb.commands import HOME, NOT_KEPT, Place, exec_line
from deploy_tools.devices.wire.adb.conversation import (
    file_frames,
    input_frames,
    pour,
    run_collected,
    run_framed,
)
from deploy_tools.devices.wire.adb.old_process import OldProcess
from deploy_tools.devices.wire.adb.process import FramedProcess
from deploy_tools.devices.wire.adb.server import AdbClosedError, AdbRefusedError, AdbServer, AdbSilentError
from deploy_tools.devices.wire.adb.session import Session
from deploy_tools.devices.wire.arriving import arriving
from deploy_tools.devices.wire.running import Running
from deploy_tools.devices.wire.wire import Finished, Progress, script
from edge.errors import DeviceError, DeviceTimeoutError, InputError

_SILENT_SECONDS: Final = 30.0
# streams of a link that broke end one after the other
_BREAKING_SECONDS: Final = 1.0

# "$1" is the file, "$2" how many bytes of it are there already
_WRITE: Final = (
    '[ "$2" -eq 0 ] && { echo ready; exec cat >"$1"; }; '
    'size=$(wc -c <"$1") && [ "$size" -eq "$2" ] && { echo ready; exec cat >>"$1"; }; '
    'echo "it holds ${size:-no} bytes, not $2" >&2; exit 1'
)
# Old devices: the link is closed behind the last byte, and the file is whole a moment later: "$2", of "$3"
# bytes. A code or a reason that is not in its file found no room there; so this one says its own on output.
_AWAIT: Final = (
    'while [ ! -e "$1.exit" ] && [ -e "$1" ]; do sleep 0.01 || sleep 1; done; '
    'cat "$1.err"; read -r code <"$1.exit" || code=1; '
    '[ "$code" -eq 0 ] || { [ -s "$1.err" ] || echo "no space left for the reason"; exit "$code"; }; '
    'size=$(wc -c <"$2") && [ "$size" -eq "$3" ] && exit 0; '
    'echo "$size of $3 bytes arrived"; exit 1'
)
_TAIL: Final = '[ -e "$1" ] && exec tail -c 65536 "$1"'


class AdbWire:
    """Commands run as the device's shell user, in ``/data/local/tmp``. See `wire.Wire`.

    Where the device has the second shell protocol, errors, output and exit code come by it; on older ones (no
    older than Android 6) they are told apart by marks and files.

    Args:
        name: What the user calls the device.
        address: Which of the attached devices it is, or where to connect to.
    """

    def __init__(self, name: str, address: AdbAddress) -> None:
        self._name = name
        self._serial = address.serial
        self._server = AdbServer(name)
        self._session: Session | None = None
        self._doubtful = False  # the connection that adb holds may be dead
        self._running: Running[FramedProcess | OldProcess] = Running()
        self._trips = 0
        self._opening = threading.Lock()
        self._counting = threading.Lock()

    @property
    def name(self) -> str:
        """Of the device."""
        return self._name

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"adb {self._serial}"

    @property
    def round_trips(self) -> int:
        """How often something was asked."""
        return self._trips

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
        """Run a command to its end; see `wire.Wire`."""
        body = self._body(command)
        deadline = time.monotonic() + seconds
        with self._speaking(command[0]) as session:
            place = session.keeper.place()
            with self._ended_there(session, place):
                try:
                    finished = self._run(session, place, body, stdin, deadline)
                except TimeoutError:
                    raise DeviceTimeoutError(
                        self._name,
                        f"{command[0]} did not end within {seconds:g} s, and was ended",
                        "see whether the device is busy, or the link slow",
                    ) from None
                if finished.exit.code == NOT_KEPT and not session.keeper.alive():
                    raise AdbClosedError
        return finished

    def start(self, command: Sequence[str]) -> FramedProcess | OldProcess:
        """Start a process; see `wire.Wire`."""
        body = self._body(command)
        with self._speaking(command[0]) as session:
            return self._running.add(self._start(session, session.keeper.place(), body, command[0]))

    def send(self, source: Path, target: str, *, offset: int = 0, progress: Progress | None = None) -> None:
        """Write a file there; see `wire.Wire`."""
        body = self._body(script(_WRITE, target, str(offset)))
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(source.open("rb", buffering=0))
                total = os.fstat(file.fileno()).st_size
                file.seek(offset)
            except OSError as error:
                raise _unusable(source, "read", error) from None
            session = stack.enter_context(self._speaking(f"the transfer of {target}"))
            place = session.keeper.place()
            stack.enter_context(self._ended_there(session, place))
            count = offset

            def came(more: int) -> None:
                nonlocal count
                count += more
                if progress is not None:
                    progress(count, max(count, total))

            try:
                if session.framed:
                    with session.direct(place, body) as stream:
                        finished = run_framed(stream, file_frames(file, came), lambda: _SILENT_SECONDS)
                else:
                    with session.kept(place, body) as stream:
                        stream.settimeout(_SILENT_SECONDS)
                        pour(stream, file, came)
                    waiting = script(_AWAIT, place.registered, target, str(count))
                    waited = self.run(waiting, seconds=_SILENT_SECONDS)
                    finished = Finished(waited.exit, b"", waited.stdout)
            except TimeoutError:
                raise DeviceTimeoutError(
                    self._name,
                    f"took nothing of {target} for {_SILENT_SECONDS:g} s",
                    "see its cable or network, and whether it hangs; run it again, what arrived is kept",
                ) from None
        if finished.exit.code != 0:
            raise self._refused(f"{target} cannot be written", finished)

    def receive(self, source: str, target: Path, *, progress: Progress | None = None) -> None:
        """Read a file of the device; see `wire.Wire`."""
        self._check([source])
        try:
            with arriving(target) as file, self._speaking(f"the transfer of {source}") as session:
                try:
                    with session.files() as stream:
                        stream.settimeout(_SILENT_SECONDS)
                        sync.read_file(stream, source, file, progress)
                except sync.AdbFileError as error:
                    raise DeviceError(
                        self._name,
                        f"{source} cannot be read ({error})",
                        "see that it is a file there, and its permissions",
                    ) from None
        except OSError as error:
            raise _unusable(target, "written", error) from None

    def close(self) -> None:
        """End what is still running there and the connection; see `wire.Wire`."""
        for process in self._running.now():
            process.end()
        with self._opening:
            self._drop()

    def _run(self, session: Session, place: Place, body: str, stdin: bytes, deadline: float) -> Finished:
        def limit() -> float:
            return deadline - time.monotonic()

        if session.framed:
            with session.direct(place, body) as stream:
                return run_framed(stream, input_frames(stdin), limit)
        mark = secrets.token_hex(16)
        with session.collected(place, body, stdin, mark) as stream:
            return run_collected(stream, mark, limit)

    def _start(self, session: Session, place: Place, body: str, what: str) -> FramedProcess | OldProcess:
        def kill() -> None:
            with contextlib.suppress(AdbClosedError):
                session.keeper.end(place)

        def broken() -> DeviceError:
            return self._broken(session, what)

        if session.framed:
            return FramedProcess(
                session.direct(place, body),
                kill=kill,
                broken=broken,
                gone=lambda: session.keeper.gone(place),
                ended=self._running.forget,
            )

        def read(ending: str) -> bytes | None:
            finished = self.run(script(_TAIL, place.file(ending)))
            return finished.stdout if finished.exit.code == 0 else None

        return OldProcess(
            session.kept(place, body), read=read, kill=kill, broken=broken, ended=self._running.forget
        )

    def _body(self, command: Sequence[str]) -> str:
        self._check(command)
        return exec_line(command)

    def _check(self, words: Sequence[str]) -> None:
        for word in words:
            if "\0" in word:
                raise DeviceError(self._name, f"{word!r} holds a NUL character", "use a name without it")

    @contextlib.contextmanager
    def _speaking(self, what: str) -> Iterator[Session]:
        """The open connection; what goes wrong with it is explained."""
        session = self._opened()
        try:
            yield session
        except (AdbClosedError, AdbRefusedError) as error:
            raise self._broken(session, what, error) from None
        except sync.AdbFileError as error:
            raise DeviceError(
                self._name,
                f"{what} cannot be started, there is no place for what it reads ({error})",
                f"make room in {HOME}",
            ) from None

    @contextlib.contextmanager
    def _ended_there(self, session: Session, place: Place) -> Iterator[None]:
        """Whatever happens here: nothing of the command goes on there."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(AdbClosedError):
                session.keeper.end(place)
            raise
        session.keeper.gone(place)

    def _opened(self) -> Session:
        with self._opening:
            if self._session is not None and not self._session.keeper.alive():
                self._drop()
            if self._session is None:
                self._session = self._open()
                self._doubtful = False
            return self._session

    def _open(self) -> Session:
        again = [True] if is_network(self._serial) and not self._doubtful else []
        for anew in (self._doubtful, *again):
            features = attach(self._server, self._name, self._serial, anew=anew)
            try:
                return Session(self._server, self._serial, features, self._count)
            except AdbClosedError:
                reason = "it does not answer"
            except AdbRefusedError as error:
                reason = str(error)
        raise DeviceError(
            self._name,
            f"no command can be started on {self._serial} ({reason})",
            f"see what 'adb shell' says; it needs Android 6 or newer, and room in {HOME}",
        )

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.keeper.close()

    def _broken(
        self, session: Session, what: str, error: AdbClosedError | AdbRefusedError | None = None
    ) -> DeviceError:
        """Why a stream ended; what else runs there goes on where the link still stands."""
        if not isinstance(error, AdbSilentError) and session.keeper.alive(_BREAKING_SECONDS):
            how = f"refused ({error})" if isinstance(error, AdbRefusedError) else "ended without a word"
            return DeviceError(
                self._name,
                f"{what} was {how} by the device",
                "see whether it is short of memory, and run it again",
            )
        with self._opening:
            self._doubtful = True
            if self._session is session:
                self._drop()
        return broken_error(self._server, self._name, self._serial, what)

    def _refused(self, what: str, finished: Finished) -> DeviceError:
        said = " ".join(finished.stderr.decode(errors="replace").split())[-300:] or str(finished.exit)
        return DeviceError(self._name, f"{what} ({said})", "see its permissions and free space")

    def _count(self) -> None:
        with self._counting:
            self._trips += 1


def _unusable(path: Path, what: str, error: OSError) -> InputError:
    return InputError(path, f"cannot be {what} ({error.strerror})", "see its permissions and free space")
