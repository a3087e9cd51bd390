"""The hidden folder beside its future place in which a command builds what it makes, and the move to there.

It is ``.NAME.new-xxxxxxxx`` in the output folder: only on one file system can a move be one step.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


@contextmanager
def workshop(place: Path) -> Iterator[Path]:
    """An empty folder to build in, gone afterwards.

    Folders above it that had to be made are gone too, if nothing was put in place there. What killed
    processes left behind for the same place is removed first: a folder in use is known by the lock that its
    builder holds, and that the system releases whatever happens to the builder.

    Args:
        place: Where the finished folder will be.

    Raises:
        OSError: The folder cannot be made.
    """
    made = [above for above in place.parents if not above.exists()]
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        _sweep(place)
        folder, lock = _fresh(place)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
    finally:
        for above in made:
            with suppress(OSError):  # not empty: the bundle is there
                above.rmdir()


def put_in_place(finished: Path, place: Path) -> None:
    """Move a finished folder to its place in one step; a folder that was there is then where it came from.

    Args:
        finished: The folder, inside a `workshop`.
        place: Free, or taken by a folder.

    Raises:
        OSError: It cannot be moved.
    """
    parent = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(parent, fcntl.LOCK_EX)  # two processes may finish the same bundle at once
        if not os.path.lexists(place):
            finished.rename(place)
        elif not _exchange(finished, place):
            place.rename(finished.with_name("old"))
            finished.rename(place)
    finally:
        os.close(parent)


def _prefix(place: Path) -> str:
    return f".{place.name}.new-"


def _fresh(place: Path) -> tuple[Path, int]:
    """A new folder and the descriptor that holds its lock."""
    while True:  # until no other process swept it before it was locked
        folder = Path(tempfile.mkdtemp(prefix=_prefix(place), dir=place.parent))
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        if _lock(descriptor) and folder.exists():
            return folder, descriptor
        os.close(descriptor)


def _sweep(place: Path) -> None:
    pattern = re.compile(re.escape(_prefix(place)) + "[a-z0-9_]{8}")
    for name in os.listdir(place.parent):  # noqa: PTH208
        if not pattern.fullmatch(name):
            continue
        folder = place.parent / name
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # another process was quicker, or it is none of ours
        try:
            if _lock(descriptor):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Take a folder's lock; False where another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _exchange(one: Path, other: Path) -> bool:
    """Let two paths swap what they name, in one step; False where the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # a C library without it
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)
