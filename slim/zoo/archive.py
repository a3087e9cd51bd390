"""Unpacking a published tar archive that nobody vouches for.

Every member is looked at before anything is written, by its header alone: only regular files and folders,
only relative names without ``..``, none twice, few and of bounded size. Then only the wanted files are
written, flat, under their last name, into a folder that was empty.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from edge.errors import SourceError
from slim.zoo.entry import Kind
from slim.zoo.kind_files import describe, missing, wanted

_BLOCK: Final = tarfile.BLOCKSIZE
_LONGEST_READ: Final = 1 << 16
_LONGEST_PADDING: Final = 1 << 20
_HARMLESS_TYPES: Final = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE)
_COMPRESSIONS: Final = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open))
_UNREADABLE: Final = (
    tarfile.TarError,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    OverflowError,
    RecursionError,
)


@dataclass(frozen=True)
class Limits:
    """Bounds on what an archive may hold, against bombs; the largest published one has 8 files, 0.4 GB.

    Attributes:
        members: Number of members of any type.
        total: Bytes of all members together, unpacked, wanted or not.
    """

    members: int = 64
    total: int = 1 << 30


class _UnsafeArchiveError(Exception):
    """A member that no published archive has; the text names it."""


def unpack(
    archive: Path, kind: Kind, into: Path, subject: str, limits: Limits | None = None
) -> tuple[str, ...]:
    """Write the files of a model from its archive.

    Args:
        archive: A tar file, plain or compressed with gzip, bzip2 or xz.
        kind: Which files to look for.
        into: An existing, empty folder; the files are written directly into it.
        subject: How errors shall name the archive.
        limits: Bounds; the default ones where None.

    Returns:
        The names of the files written.

    Raises:
        SourceError: The archive is damaged, hostile, or does not hold such a model. What was written until
            then is still in ``into``, which the caller throws away.
    """
    remedy = "the file was refused; pull again, or from another source"
    bounds = limits or Limits()
    try:
        with _opened(archive) as tar:
            members = _checked_members(tar, kind, bounds)
            lacking = missing(kind, set(members))
            if lacking:
                raise SourceError(subject, f"the archive holds no {lacking}", remedy)
            for name, member in members.items():
                _write(tar, member, into / name)
    except _UnsafeArchiveError as error:
        raise SourceError(subject, f"unsafe archive: {error}", remedy) from error
    except _UNREADABLE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault, not the archive's
        raise SourceError(subject, _unreadable(archive, error), remedy) from error
    return tuple(members)


class _BoundedReader:
    """A stream for `tarfile` that refuses to read much at once.

    `tarfile` reads extended headers whole into memory, as long as they claim to be.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LONGEST_READ:
            raise _UnsafeArchiveError(f"a header of {size} bytes")
        return self._stream.read(size)

    def seek(self, offset: int) -> int:
        return self._stream.seek(offset)

    def tell(self) -> int:
        return self._stream.tell()


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    with archive.open("rb") as raw:
        head = raw.read(8)
    opener = next((opener for magic, opener in _COMPRESSIONS if head.startswith(magic)), open)
    with opener(archive, "rb") as stream:
        bounded = cast("IO[bytes]", _BoundedReader(cast("IO[bytes]", stream)))
        with tarfile.open(fileobj=bounded, mode="r:") as tar:
            yield tar


def _checked_members(tar: tarfile.TarFile, kind: Kind, limits: Limits) -> dict[str, tarfile.TarInfo]:
    """The wanted members by their last name, after all members were found harmless."""
    found: dict[str, tarfile.TarInfo] = {}
    seen: set[tuple[str, ...]] = set()
    total = 0
    # lazily, so that a member is judged before the next header is looked for behind its claimed size
    for member in tar:
        parts = _safe_parts(member)
        if parts in seen and not member.isdir():
            raise _UnsafeArchiveError(f"{member.name!r} is in it twice")
        seen.add(parts)
        total += member.size
        if len(seen) > limits.members:
            raise _UnsafeArchiveError(f"more than {limits.members} members")
        if member.size < 0 or total > limits.total:
            raise _UnsafeArchiveError(f"more than {limits.total} bytes unpacked")
        name = parts[-1] if parts else ""
        if member.isfile() and wanted(kind, name):
            if name in found:
                raise _UnsafeArchiveError(f"{name!r} is in it twice, in different folders")
            found[name] = member
    _check_end(tar)
    return found


def _safe_parts(member: tarfile.TarInfo) -> tuple[str, ...]:
    """The parts of a member's path, if its type and name are harmless."""
    name = member.name
    if member.type not in _HARMLESS_TYPES or member.issparse():
        raise _UnsafeArchiveError(f"{name!r} is {_type_name(member)}")
    if name.startswith(("/", "~")) or "\\" in name or ":" in name or not name.isprintable():
        raise _UnsafeArchiveError(f"{name!r} is no plain relative name")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise _UnsafeArchiveError(f"{name!r} leads out of its folder")
    return parts


def _type_name(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return f"a link to {member.linkname!r}"
    if member.isdev():
        return "a device or pipe"
    return "neither file nor folder"


def _check_end(tar: tarfile.TarFile) -> None:
    """A tar file ends with a block of zeros; `tarfile` takes any unreadable header for the end.

    What pads the file behind it is read too, since a compressed stream has its checksum at the very end.
    """
    stream = cast("IO[bytes]", tar.fileobj)
    stream.seek(tar.offset)
    block = stream.read(_BLOCK)
    if len(block) < _BLOCK or any(block):
        raise tarfile.ReadError("it breaks off before its end mark")
    padding = 0
    while chunk := stream.read(_LONGEST_READ):
        padding += len(chunk)
        if padding > _LONGEST_PADDING:
            raise _UnsafeArchiveError("something behind its end mark")


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content = tar.extractfile(member)
    if content is None:
        raise tarfile.ReadError(f"{member.name!r} has no content")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with content, os.fdopen(os.open(target, flags, 0o644), "wb") as out:
        shutil.copyfileobj(content, out, _LONGEST_READ)


def _unreadable(archive: Path, error: BaseException) -> str:
    size = archive.stat().st_size
    if size == 0:
        return "the archive is empty"
    with archive.open("rb") as stream:
        head = stream.read(_BLOCK)
    is_tar = head[257:262] == b"ustar" or any(head.startswith(magic) for magic, _ in _COMPRESSIONS)
    if not is_tar:
        return f"no tar archive: it {describe(head)}"
    return f"damaged or truncated archive of {size} bytes ({error})"
