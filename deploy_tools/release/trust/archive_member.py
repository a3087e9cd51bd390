"""What both readers of archives give, and the bounds they keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from deploy_tools.release.trust.names import NameSet

PIECE: Final = 1 << 16
"""Bytes that are looked at together."""

_MIB: Final = 1 << 20
_OWNER_RUNS: Final = 0o100


class UnsafeArchiveError(Exception):
    """An archive that no release has; the text says what is wrong with it, and where."""


@dataclass(frozen=True)
class Limits:
    """What an archive of a release never has more of; against bombs.

    Attributes:
        members: Number of members.
        member: Bytes of one member.
        total: Bytes of all members.
        ratio: Times that the archive is as long unpacked; models hardly get shorter at all.
        free: Bytes for which the ratio does not count, since short texts and zeros pack well.
    """

    members: int = 4096
    member: int = 1024 * _MIB
    total: int = 2048 * _MIB
    ratio: int = 20
    free: int = 16 * _MIB

    def check_total(self, unpacked: int, packed: int) -> None:
        """Make sure that what came out so far is not too much.

        Raises:
            UnsafeArchiveError: It is.
        """
        if unpacked > self.total:
            raise UnsafeArchiveError(f"holds more than {self.total} bytes")
        if unpacked > self.free + self.ratio * packed:
            raise UnsafeArchiveError(f"is a bomb: {packed} bytes unpack to more than {unpacked - 1}")


@dataclass(frozen=True)
class Member:
    """A file or folder of an archive.

    Attributes:
        name: Its path, without a slash at the end.
        size: Bytes.
        executable: Whether its owner may run it.
        folder: Whether it is a folder.
    """

    name: str
    size: int
    executable: bool = False
    folder: bool = False


Members = Iterator[tuple[Member, Iterator[bytes]]]
"""Every member with its content, in the archive's order; the content is to be read before the next one."""


class MemberCheck:
    """Looks at every member as it comes by what all archives have in common.

    Args:
        limits: Bounds.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._names = NameSet()
        self._count = 0

    def check(self, name: str, size: int, mode: int) -> Member:
        """A member, which may be in a release.

        Args:
            name: As it stands there; with a slash at the end it is a folder.
            size: Bytes.
            mode: Permission bits.

        Raises:
            UnsafeArchiveError: It may not.
        """
        plain = name.removesuffix("/")
        folder = plain != name
        fault = self._names.fault(plain, folder=folder)
        self._count += 1
        if fault is None and self._count > self._limits.members:
            raise UnsafeArchiveError(f"has more than {self._limits.members} members")
        if fault is None and size > self._limits.member:
            fault = f"claims {size} bytes, more than the {self._limits.member} that a member may have"
        if fault is None and folder and size:
            fault = "is a folder with content"
        if fault is None and mode & 0o7022:
            fault = f"has mode {mode:04o}: others could change it, or it would run as another user"
        if fault is not None:
            raise UnsafeArchiveError(f"member {name!r:.80} {fault}")
        return Member(plain, size, bool(mode & _OWNER_RUNS), folder)
