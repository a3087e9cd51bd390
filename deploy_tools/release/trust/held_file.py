"""Files that nobody vouches for: opened without following links, held while they are looked at."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from deploy_tools.release.trust.archive_member import PIECE
from edge.errors import ReleaseError

_IN_MEMORY: Final = 32 << 20
_LARGEST: Final = 2048 << 20
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_AGAIN: Final = "fetch the release again"


@dataclass(frozen=True)
class HeldFile:
    """A copy of a file that nobody else can change between two looks at it.

    Attributes:
        stream: Its content, at the beginning.
        size: Bytes.
        sha256: Of exactly this content, in hex.
    """

    stream: IO[bytes]
    size: int
    sha256: str


@contextmanager
def held(folder: Path, name: str) -> Iterator[HeldFile]:
    """A copy of a file of a folder, in memory or, when it is large, in a file without a name.

    Args:
        folder: That it is in.
        name: Its path below, none of which may be a link.

    Raises:
        ReleaseError: It is missing, no plain file, has other names too, or cannot be read.
    """
    descriptor = _opened(folder, name)
    with os.fdopen(descriptor, "rb") as source, tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
        digest, size = hashlib.sha256(), 0
        while piece := _piece(source, folder / name):
            digest.update(piece)
            size += len(piece)
            copy.write(piece)
        copy.seek(0)
        yield HeldFile(copy, size, digest.hexdigest())


def small_file(folder: Path, name: str, limit: int) -> bytes:
    """The content of a file that is never long.

    Raises:
        ReleaseError: As `held`; also where it is longer.
    """
    with os.fdopen(_opened(folder, name), "rb") as source:
        content = _piece(source, folder / name, limit + 1)
    if len(content) > limit:
        raise ReleaseError(folder / name, f"is longer than the {limit} bytes it may have", _AGAIN)
    return content


def list_files(folder: Path) -> set[str]:
    """The names of all files below a folder.

    Raises:
        ReleaseError: Something else is there, such as a link or an empty folder, or it cannot be looked at.
    """
    names: set[str] = set()
    left = [""]
    while left:
        prefix = left.pop()
        entries = _entries(folder / prefix)
        if not entries and prefix:
            raise ReleaseError(folder / prefix, "is an empty folder, which no release has", "remove it")
        for entry in entries:
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                left.append(f"{name}/")
                continue
            _check_kind(folder / name, entry.stat(follow_symlinks=False))
            names.add(name)
    return names


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise ReleaseError(place, f"cannot be looked at ({error.strerror})") from None


def _opened(folder: Path, name: str) -> int:
    path = folder / name
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in name.split("/"):
            inner = descriptor
            try:
                descriptor = os.open(part, _FLAGS, dir_fd=inner)
            except OSError:
                _check_link(part, inner, path)
                raise
            finally:
                os.close(inner)
    except FileNotFoundError:
        raise ReleaseError(path, "is missing", _AGAIN) from None
    except OSError as error:
        raise ReleaseError(path, f"cannot be read ({error.strerror})", _AGAIN) from None
    try:
        status = os.fstat(descriptor)
        _check_kind(path, status)
        if status.st_size > _LARGEST:
            raise ReleaseError(path, f"has {status.st_size} bytes, more than any file of a release", _AGAIN)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check_link(part: str, inner: int, path: Path) -> None:
    """Say what it is where it could not be opened for being no plain file."""
    try:
        status = os.stat(part, dir_fd=inner, follow_symlinks=False)
    except OSError:
        return
    if not stat.S_ISDIR(status.st_mode):
        _check_kind(path, status)


def _check_kind(path: Path, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise ReleaseError(path, "is a symbolic link, which no release has", _AGAIN)
    if not stat.S_ISREG(status.st_mode):
        raise ReleaseError(path, "is no plain file", _AGAIN)
    if status.st_nlink > 1:
        found = "is a hard link: it has another name, under which it could be changed"
        raise ReleaseError(path, found, "copy the release with 'cp -r', and verify the copy")


def _piece(source: IO[bytes], path: Path, size: int = PIECE) -> bytes:
    try:
        return source.read(size)
    except OSError as error:
        raise ReleaseError(path, f"cannot be read ({error.strerror})", _AGAIN) from None
