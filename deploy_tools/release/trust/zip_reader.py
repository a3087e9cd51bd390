"""Reading zip files as releases have them (AAR), and nothing else that calls itself so.

A zip file says everything twice, in its directory and before each member, and programs differ in which they
believe. Here both must say the same, and members stand one after the other from the first byte to the
directory, which ends the file: so none can overlap, hide between others, or be seen by one program alone.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from deploy_tools.release.trust.archive_member import (
    PIECE,
    Limits,
    Member,
    MemberCheck,
    Members,
    UnsafeArchiveError,
)

_END: Final = struct.Struct("<4s4H2IH")
_ENTRY: Final = struct.Struct("<4s6H3I5H2I")
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_UTF8: Final = 0x800
_STORED, _DEFLATED = 0, 8
_VERSIONS: Final = (10, 20)
_DOS, _UNIX = 0, 3
_LONGEST_ENTRY: Final = 512


@dataclass(frozen=True)
class _Entry:
    """A line of the directory.

    Attributes:
        member: What it is.
        local: Version, flags, method, time, day, checksum and sizes, which its own header repeats.
        raw_name: Its name's bytes.
        start: Where its own header begins.
    """

    member: Member
    local: tuple[int, ...]
    raw_name: bytes
    start: int


def zip_members(stream: IO[bytes], limits: Limits) -> Members:
    """The members of an archive.

    Args:
        stream: The archive; it can be sought in.
        limits: Bounds.

    Raises:
        UnsafeArchiveError: It is damaged, or holds what no release does.
    """
    size = stream.seek(0, 2)
    entries, directory = _directory(stream, size, limits)
    limits.check_total(sum(entry.member.size for entry in entries), size)
    place = 0
    for entry in entries:
        if entry.start != place:
            raise UnsafeArchiveError(
                f"member {entry.member.name!r:.80} does not stand behind the one before it"
            )
        place = _check_local(stream, entry)
        packed = entry.local[6]
        if place + packed > directory:
            raise UnsafeArchiveError(f"member {entry.member.name!r:.80} reaches into the directory")
        content = _content(stream, entry, place)
        yield entry.member, content
        for _ in content:  # what its taker left
            pass
        place += packed
    if place != directory:
        raise UnsafeArchiveError("has something between its members and its directory")


def _directory(stream: IO[bytes], size: int, limits: Limits) -> tuple[list[_Entry], int]:
    """Every entry, and where the directory begins."""
    if size < _END.size:
        raise UnsafeArchiveError("is no zip archive")
    stream.seek(size - _END.size)
    mark, disk, first, here, count, length, start, remark = _END.unpack(_exactly(stream, _END.size))
    if mark != b"PK\5\6":
        raise UnsafeArchiveError("is no zip archive, or something stands behind its end")
    if disk or first or here != count or remark or start + length + _END.size != size:
        raise UnsafeArchiveError("has a directory that does not end the file")
    if count > limits.members:
        raise UnsafeArchiveError(f"has more than {limits.members} members")
    if length > count * _LONGEST_ENTRY:
        raise UnsafeArchiveError("has a directory that is too long")
    stream.seek(start)
    content = _exactly(stream, length)
    check = MemberCheck(limits)
    entries, place = [], 0
    for _ in range(count):
        entry, place = _entry(content, place, check)
        entries.append(entry)
    if place != length:
        raise UnsafeArchiveError("has something behind its directory")
    return entries, start


def _entry(content: bytes, place: int, check: MemberCheck) -> tuple[_Entry, int]:
    if place + _ENTRY.size > len(content):
        raise UnsafeArchiveError("has a directory that breaks off")
    mark, made_by, *rest = _ENTRY.unpack_from(content, place)
    local, (name_length, extra, remark, disk, _, attributes, start) = tuple(rest[:8]), rest[8:]
    place += _ENTRY.size
    raw = content[place : place + name_length]
    if mark != b"PK\1\2" or len(raw) < name_length:
        raise UnsafeArchiveError("has a damaged directory")
    version, flags, method, _, _, _, packed, size = local
    name = _name(raw, flags)
    if extra or remark or disk:
        raise UnsafeArchiveError(f"member {name!r:.80} has an extra field or remark, which no release has")
    if flags & ~_UTF8:
        raise UnsafeArchiveError(f"member {name!r:.80} is encrypted, or its size stands behind it")
    plainly = method in (_STORED, _DEFLATED) and version in _VERSIONS
    if not plainly or (method == _STORED and packed != size):
        raise UnsafeArchiveError(f"member {name!r:.80} is packed in a way that no release has")
    mode = _mode(name, made_by >> 8, attributes >> 16)
    member = check.check(name, size, stat.S_IMODE(mode))
    return _Entry(member, local, raw, start), place + name_length


def _name(raw: bytes, flags: int) -> str:
    try:
        return raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        raise UnsafeArchiveError(f"member {raw!r:.80} has a name that programs read differently") from None


def _mode(name: str, system: int, mode: int) -> int:
    kind = stat.S_IFMT(mode)
    if system not in (_DOS, _UNIX):
        raise UnsafeArchiveError(f"member {name!r:.80} is of a system that no release is made on")
    if kind == stat.S_IFLNK:
        raise UnsafeArchiveError(f"member {name!r:.80} is a symbolic link")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind and (kind == stat.S_IFDIR) != name.endswith("/")):
        raise UnsafeArchiveError(f"member {name!r:.80} is neither file nor folder")
    return mode


def _check_local(stream: IO[bytes], entry: _Entry) -> int:
    """Compare what stands before a member with the directory; where its content begins."""
    stream.seek(entry.start)
    mark, *rest = _LOCAL.unpack(_exactly(stream, _LOCAL.size))
    name_length: int = rest[8]
    extra: int = rest[9]
    raw = _exactly(stream, min(name_length, _LONGEST_ENTRY))
    if mark != b"PK\3\4" or tuple(rest[:8]) != entry.local or raw != entry.raw_name or extra:
        raise UnsafeArchiveError(f"member {entry.member.name!r:.80} is another one than the directory says")
    return entry.start + _LOCAL.size + name_length


def _content(stream: IO[bytes], entry: _Entry, place: int) -> Iterator[bytes]:
    _, _, method, _, _, expected, packed, size = entry.local
    name = entry.member.name
    stream.seek(place)
    pieces = _inflated(stream, name, packed) if method == _DEFLATED else _stored(stream, packed)
    checksum = found = 0
    for piece in pieces:
        found += len(piece)
        if found > size:
            raise UnsafeArchiveError(f"member {name!r:.80} is a bomb: it is longer than it says")
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if found != size or checksum != expected:
        raise UnsafeArchiveError(f"member {name!r:.80} is damaged")


def _stored(stream: IO[bytes], left: int) -> Iterator[bytes]:
    while left:
        piece = _exactly(stream, min(left, PIECE))
        left -= len(piece)
        yield piece


def _inflated(stream: IO[bytes], name: str, left: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = b""
    while not inflate.eof:
        if not packed:
            packed = _exactly(stream, min(left, PIECE))
            left -= len(packed)
        try:
            piece = inflate.decompress(packed, PIECE)
        except zlib.error as error:
            raise UnsafeArchiveError(f"member {name!r:.80} is damaged ({error})") from None
        if not piece and not packed:
            raise UnsafeArchiveError(f"member {name!r:.80} breaks off")
        packed = inflate.unconsumed_tail
        yield piece
    if left or inflate.unused_data:
        raise UnsafeArchiveError(f"member {name!r:.80} has something hidden behind it")


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise UnsafeArchiveError("breaks off before its end")
    return content
