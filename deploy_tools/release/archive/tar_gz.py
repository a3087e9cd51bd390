"""Writing ``.tar.gz``: plain POSIX headers of files, sorted, owned by root, all of one time.

What is left of the machine in the bytes is zlib: its classic versions give the same at one level, forks of it
(zlib-ng and others) may not. So whoever compares archives of two machines compares what is in them too.
"""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from deploy_tools.release.archive.entry import Entry, in_order

LEVEL: Final = 9
_MEMORY: Final = 8  # zlib's default, written down: it decides about bytes too
_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
"""Deflate, no name, no time, best compression, of no system in particular (RFC 1952)."""


def write_tar_gz(path: Path, entries: Iterable[Entry], time: datetime) -> None:
    """Write an archive.

    Args:
        path: The file.
        entries: What it is to hold, in any order.
        time: Of every file in it.

    Raises:
        OSError: It cannot be written.
        ValueError: A name cannot be one of a release.
    """
    path.write_bytes(gzip_bytes(tar_bytes(entries, time)))


def tar_bytes(entries: Iterable[Entry], time: datetime) -> bytes:
    """An archive, not compressed.

    Raises:
        ValueError: A name cannot be one of a release, or is longer than a POSIX header holds.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for entry in in_order(entries):
            member = tarfile.TarInfo(entry.name)
            member.size = len(entry.content)
            member.mode = entry.mode
            member.mtime = int(time.timestamp())
            archive.addfile(member, io.BytesIO(entry.content))
    return buffer.getvalue()


def gzip_bytes(content: bytes) -> bytes:
    """Content as one gzip stream that says nothing of where and when it was written."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, _MEMORY, zlib.Z_DEFAULT_STRATEGY)
    packed = deflate.compress(content) + deflate.flush()
    return _HEADER + packed + struct.pack("<2I", zlib.crc32(content), len(content) & 0xFFFFFFFF)
