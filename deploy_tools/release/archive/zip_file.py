"""Writing zip files (AAR, JAR): sorted, of one time, and every member said the same way twice."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from deploy_tools.release.archive.entry import Entry, in_order
from deploy_tools.release.archive.tar_gz import LEVEL

_FIRST_YEAR: Final = 1980
_LAST_YEAR: Final = 2107
_UNIX: Final = 3


def write_zip(path: Path, entries: Iterable[Entry], time: datetime) -> None:
    """Write an archive.

    Args:
        path: The file.
        entries: What it is to hold, in any order.
        time: Of every file in it; in UTC, since zip files know no time zones.

    Raises:
        OSError: It cannot be written.
        ValueError: A name cannot be one of a release.
    """
    path.write_bytes(zip_bytes(entries, time))


def zip_bytes(entries: Iterable[Entry], time: datetime) -> bytes:
    """An archive.

    Raises:
        ValueError: A name cannot be one of a release.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for entry in in_order(entries):
            member = zipfile.ZipInfo(entry.name, _dos_time(time))
            member.create_system = _UNIX
            member.external_attr = (stat.S_IFREG | entry.mode) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, entry.content, compresslevel=LEVEL)
    return buffer.getvalue()


def _dos_time(time: datetime) -> tuple[int, int, int, int, int, int]:
    """Year to second, to two seconds and within the years that zip files have."""
    utc = time.astimezone(timezone.utc)
    if utc.year < _FIRST_YEAR:
        return (_FIRST_YEAR, 1, 1, 0, 0, 0)
    if utc.year > _LAST_YEAR:
        return (_LAST_YEAR, 12, 31, 23, 59, 58)
    return (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second // 2 * 2)
