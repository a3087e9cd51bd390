"""Files there and back: by SFTP, or where that is missing or complains, by ``cat``, which says why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Final

from deploy_tools.devices.wire.arriving import arriving
from deploy_tools.devices.wire.ssh.link import Link
from deploy_tools.devices.wire.ssh.sftp import SftpError
from deploy_tools.devices.wire.wire import Exit, Progress, script
from edge.errors import DeviceError

_BLOCK: Final = 1 << 17
# dd cuts the file where it stands: what is behind is of another try
_APPEND: Final = """\
there=$(wc -c <"$1") || exit
[ "$there" -ge "$2" ] || { echo "it has only $((there)) bytes, not $2" >&2; exit 1; }
dd of="$1" bs=1 seek="$2" count=0 2>/dev/null </dev/null || exit
exec cat >>"$1"
"""
_WRITE: Final = 'exec cat >"$1"'
_READ: Final = 'wc -c <"$1" && exec cat <"$1"'


def send(link: Link, source: Path, target: str, offset: int, progress: Progress | None) -> None:
    """See `wire.Wire.send`."""
    try:
        stream = source.open("rb")
    except OSError as error:
        raise link.refused(f"{source} cannot be read ({error.strerror})", "see its permissions") from None
    with stream:
        total = os.fstat(stream.fileno()).st_size
        told = _Told(progress, total)
        try:
            with link.sftp() as sftp:
                if sftp is not None:
                    stream.seek(offset)
                    sftp.send(stream, target, offset, told)
                    return
        except SftpError:
            pass  # it says no more than "failure" of most things: cat says what the matter is
        except EOFError:
            raise link.broken(f"{target} was sent") from None
        except OSError as error:
            raise link.refused(f"{source} cannot be read ({error.strerror})", "see its disk") from None
        stream.seek(offset)
        _send_by_shell(link, stream, target, offset, told)


def receive(link: Link, source: str, target: Path, progress: Progress | None) -> None:
    """See `wire.Wire.receive`."""
    try:
        with arriving(target) as here:
            _receive(link, source, here, _Told(progress, None))
    except OSError as error:
        raise link.refused(f"{target} cannot be written ({error.strerror})", "see its folder") from None


class _Told:
    """Tells the progress; never that it went backwards."""

    def __init__(self, progress: Progress | None, total: int | None) -> None:
        self._progress = progress
        self._total = total

    def __call__(self, done: int, total: int | None = None) -> None:
        if self._progress is not None:
            self._progress(done, self._total if total is None else total)  # type: ignore[arg-type]


def _send_by_shell(link: Link, stream: IO[bytes], target: str, offset: int, told: _Told) -> None:
    command = script(_APPEND, target, str(offset)) if offset else script(_WRITE, target)
    with link.command(command, f"{target} was sent") as session:
        done = offset
        while block := stream.read(_BLOCK):
            if not session.write(block):
                break
            done += len(block)
            told(done)
        session.end_of_input()
        words = bytearray()
        for _ in session.stdout():
            words += session.stderr()
        words += session.stderr()
        _must_be_well(link, session.wait(30.0), f"{target} cannot be written", bytes(words))


def _receive(link: Link, source: str, sink: IO[bytes], told: _Told) -> None:
    try:
        with link.sftp() as sftp:
            if sftp is not None:
                sftp.receive(source, sink, told)
                return
    except SftpError:
        sink.seek(0)
        sink.truncate()
    except EOFError:
        raise link.broken(f"{source} was received") from None
    with link.command(script(_READ, source), f"{source} was received") as session:
        session.end_of_input()
        size: int | None = None
        head = b""
        done = 0
        words = bytearray()
        for data in session.stdout():
            words += session.stderr()
            if size is None:
                first, newline, data = (head + data).partition(b"\n")
                head = first
                if not newline:
                    continue
                size = int(first)
            sink.write(data)
            done += len(data)
            told(done, max(size, done))
        words += session.stderr()
        _must_be_well(link, session.wait(30.0), f"{source} cannot be read", bytes(words))
        if size is None or done < size:
            raise link.broken(f"{source} was received")


def _must_be_well(link: Link, ended: Exit | None, what: str, words: bytes) -> None:
    if ended is not None and ended.code == 0:
        return
    last = words.decode(errors="replace").strip().splitlines()[-1:] or [str(ended)]
    # "sh: line 1: /x/y: Permission denied": the end is what there is to know
    raise DeviceError(
        link.device,
        f"{what} ({last[0].rpartition(': ')[2]})",
        "see its folder, its permissions and free space",
    )
