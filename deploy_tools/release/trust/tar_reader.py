"""Reading ``.tar.gz`` as releases have them, and nothing else that calls itself so.

Programs differ in what they make of tar's many extensions: a header that one of them passes over renames a
file for the next, and what was verified is not what is unpacked. So there are none here: plain POSIX
headers of files and folders, one after the other, zeros between them, one gzip stream around them and
nothing behind it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import IO, Final

from deploy_tools.release.trust.archive_member import (
    PIECE,
    Limits,
    Member,
    MemberCheck,
    Members,
    UnsafeArchiveError,
)

_BLOCK: Final = 512
_RECORD: Final = 20 * _BLOCK
_GZIP: Final = 16 + zlib.MAX_WBITS
_NUMBER: Final = re.compile(rb"([0-7]+)[\0 ]+")
_KINDS: Final = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"x": "an extended header, which programs read differently",
    b"g": "an extended header, which programs read differently",
    b"L": "a long name, which programs read differently",
    b"K": "a long name, which programs read differently",
    b"S": "a file with holes",
}


def tar_members(stream: IO[bytes], limits: Limits) -> Members:
    """The members of an archive.

    Args:
        stream: The archive, at its beginning.
        limits: Bounds.

    Raises:
        UnsafeArchiveError: It is damaged, or holds what no release does.
    """
    unpacked = _Unpacked(stream, limits)
    check = MemberCheck(limits)
    while any(block := unpacked.read(_BLOCK)):
        member = _member(block, check)
        content = _content(unpacked, member)
        yield member, content
        for _ in content:  # what its taker left
            pass
    _check_end(unpacked)


class _Unpacked:
    """What a gzip stream holds, a bounded piece at a time."""

    def __init__(self, stream: IO[bytes], limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._packed = 0
        self._total = 0
        self._ready = bytearray()
        self._gzip = zlib.decompressobj(_GZIP)
        head = stream.read(10)
        if len(head) < 10 or head[:3] != b"\x1f\x8b\x08":
            raise UnsafeArchiveError("is no gzip archive")
        if head[3]:
            raise UnsafeArchiveError("has a gzip header with a name or remark, which no release has")
        self._feed(head)

    def read(self, size: int) -> bytes:
        """So many bytes, at most `PIECE`; refused where the stream ends before."""
        while len(self._ready) < size:
            if not self._more():
                raise UnsafeArchiveError("breaks off before its end")
        piece = bytes(self._ready[:size])
        del self._ready[:size]
        return piece

    def rest(self) -> bytes:
        """All that is left where that is little; nothing may stand behind the stream."""
        while self._more():
            if len(self._ready) > _RECORD:
                break
        if not self._gzip.eof:
            raise UnsafeArchiveError("goes on behind its end mark")
        if self._gzip.unused_data or self._stream.read(1):
            raise UnsafeArchiveError("has something behind its end")
        return bytes(self._ready)

    def _more(self) -> bool:
        if self._gzip.eof:
            return False
        packed = self._gzip.unconsumed_tail or self._stream.read(PIECE)
        if not packed:
            raise UnsafeArchiveError("breaks off before its end")
        self._feed(packed)
        return True

    def _feed(self, packed: bytes) -> None:
        before = len(self._gzip.unconsumed_tail)
        try:
            piece = self._gzip.decompress(packed, PIECE)
        except zlib.error as error:
            raise UnsafeArchiveError(f"is damaged ({error})") from None
        self._packed += len(packed) - before
        self._total += len(piece)
        self._limits.check_total(self._total, self._packed)
        self._ready += piece


def _member(block: bytes, check: MemberCheck) -> Member:
    if block[257:265] != b"ustar\x0000":
        raise UnsafeArchiveError("has a header that is not POSIX's")
    summed = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if _number(block, 148, 8) != summed:
        raise UnsafeArchiveError("has a damaged header")
    name = _text(block, 0, 100)
    if prefix := _text(block, 345, 155):
        name = f"{prefix}/{name}"
    kind = block[156:157]
    if kind not in (b"0", b"5"):
        raise UnsafeArchiveError(f"member {name!r:.80} is {_KINDS.get(kind, 'neither file nor folder')}")
    if kind == b"5" and not name.endswith("/"):
        name += "/"
    elif kind == b"0" and name.endswith("/"):
        raise UnsafeArchiveError(f"member {name!r:.80} is a file, named as a folder")
    if any(block[157:257]) or any(block[500:]):
        raise UnsafeArchiveError(f"member {name!r:.80} has something in its header that no release has")
    # tar prefers the owner's name to its number
    owner = _number(block, 108, 8) or _number(block, 116, 8)
    if owner or _text(block, 265, 32) not in ("", "root") or _text(block, 297, 32) not in ("", "root"):
        raise UnsafeArchiveError(f"member {name!r:.80} would belong to another user than root")
    _number(block, 136, 12)  # a time, whichever
    if any(block[start : start + 8].strip(b"0\0") for start in (329, 337)):
        raise UnsafeArchiveError(f"member {name!r:.80} has something in its header that no release has")
    size, mode = _number(block, 124, 12), _number(block, 100, 8)
    return check.check(name, size, mode)


def _content(unpacked: _Unpacked, member: Member) -> Iterator[bytes]:
    left = member.size
    while left:
        piece = unpacked.read(min(left, PIECE))
        left -= len(piece)
        yield piece
    if any(unpacked.read(-member.size % _BLOCK)):
        raise UnsafeArchiveError(f"member {member.name!r:.80} has something hidden behind it")


def _check_end(unpacked: _Unpacked) -> None:
    """The end mark is two blocks of zeros, of which the first was read; zeros may fill the record."""
    rest = unpacked.rest()
    if len(rest) < _BLOCK or len(rest) % _BLOCK:
        raise UnsafeArchiveError("breaks off before its end")
    if len(rest) > _RECORD or any(rest):
        raise UnsafeArchiveError("goes on behind its end mark")


def _number(block: bytes, start: int, size: int) -> int:
    found = _NUMBER.fullmatch(block[start : start + size])
    if found is None:
        raise UnsafeArchiveError("has a header with a number that no release has")
    return int(found[1], 8)


def _text(block: bytes, start: int, size: int) -> str:
    text, _, behind = block[start : start + size].partition(b"\0")
    if any(behind):
        raise UnsafeArchiveError("has a header with something behind a name")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise UnsafeArchiveError(f"member {text!r:.80} has a name that is not UTF-8") from None
