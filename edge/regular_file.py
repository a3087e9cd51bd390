"""A look at a named file before it is opened."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path


def regular_file_size(path: Path, refuse: Callable[[str], Exception], limit: int | None = None) -> int:
    """Make sure that a path leads to a regular file, which a pipe or a device is not: reading may never end.

    Args:
        path: What the user named.
        refuse: Makes the error to raise of what was found, for example "is not a regular file".
        limit: The largest size in bytes that is worth reading.

    Returns:
        Its size in bytes.

    Raises:
        OSError: Nothing is there, or it may not be looked at; IsADirectoryError for a folder.
        ValueError: The path holds a null character.
        Exception: What ``refuse`` makes: the file is of another kind, or larger than the limit.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise refuse("is not a regular file")
    if limit is not None and status.st_size > limit:
        raise refuse(f"has {status.st_size} bytes, more than the {limit} that are read")
    return status.st_size
