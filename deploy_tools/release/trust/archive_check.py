"""What an archive holds, found out without unpacking anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Final

from deploy_tools.release.trust.archive_member import Limits, Members, UnsafeArchiveError
from deploy_tools.release.trust.tar_reader import tar_members
from deploy_tools.release.trust.zip_reader import zip_members

_READERS: Final[Mapping[str, Callable[[IO[bytes], Limits], Members]]] = {
    ".tar.gz": tar_members,
    ".aar": zip_members,
    ".zip": zip_members,
}


@dataclass(frozen=True)
class PackedFile:
    """A file of an archive.

    Attributes:
        size: Bytes.
        sha256: Of its content, in hex.
        executable: Whether its owner may run it.
    """

    size: int
    sha256: str
    executable: bool


@dataclass(frozen=True)
class ArchiveContents:
    """What an archive holds.

    Attributes:
        files: By their names.
        kept: The content of those that were asked for.
    """

    files: Mapping[str, PackedFile]
    kept: Mapping[str, bytes] = field(repr=False)


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive."""
    return name.endswith(tuple(_READERS))


def open_members(stream: IO[bytes], name: str, limits: Limits | None = None) -> Members:
    """The members of an archive, one after the other, each checked as it comes.

    Args:
        stream: The archive, at its beginning; it can be sought in.
        name: Of its file, which says what kind it is.
        limits: Bounds; the usual ones where None.

    Raises:
        UnsafeArchiveError: It is of no kind that is known here, damaged, or holds what no release does. Also
            while members are taken.
    """
    for suffix, reader in _READERS.items():
        if name.endswith(suffix):
            return reader(stream, limits or Limits())
    raise UnsafeArchiveError(f"is none of {', '.join(_READERS)}")


def archive_contents(
    stream: IO[bytes], name: str, keep: Callable[[str], int], limits: Limits | None = None
) -> ArchiveContents:
    """Read an archive from end to end.

    Args:
        stream: The archive, at its beginning; it can be sought in.
        name: Of its file, which says what kind it is.
        keep: How long a file of this name may be whose content is wanted; 0 where it is not.
        limits: Bounds; the usual ones where None.

    Raises:
        UnsafeArchiveError: As `open_members`.
    """
    files: dict[str, PackedFile] = {}
    kept: dict[str, bytes] = {}
    for member, content in open_members(stream, name, limits):
        if member.folder:
            continue
        digest = hashlib.sha256()
        longest = keep(member.name)
        if longest and member.size > longest:
            raise UnsafeArchiveError(
                f"member {member.name!r:.80} has {member.size} bytes, no such file is that long"
            )
        wanted = bytearray() if longest else None
        for piece in content:
            digest.update(piece)
            if wanted is not None:
                wanted += piece
        if wanted is not None:
            kept[member.name] = bytes(wanted)
        files[member.name] = PackedFile(member.size, digest.hexdigest(), member.executable)
    return ArchiveContents(files, kept)
