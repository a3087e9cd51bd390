"""A file that is there whole, with its mode, or not at all, and that never takes another's place."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from edge.errors import InputError


def write_new_file(path: Path, content: bytes, mode: int) -> None:
    """Write a file where there is none.

    It gets its name when it is complete: whatever happens before leaves nothing behind.

    Raises:
        InputError: Something of that name is there, or it cannot be written.
    """
    try:
        _write(path, content, mode)
    except FileExistsError:
        raise InputError(path, "is there already and is not overwritten", "choose another name") from None
    except OSError as error:
        raise InputError(path, f"cannot be written ({error.strerror})", "choose another folder") from None


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except OSError:  # a file system that has no files without names
        _write_named(path, content, mode)
        return
    try:
        _fill(descriptor, content, mode)
        linked = _link(descriptor, path)
    finally:
        os.close(descriptor)
    if not linked:
        _write_named(path, content, mode)


def _link(descriptor: int, path: Path) -> bool:
    """Give a file without a name its name; False where the system does not let us."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # by its descriptor: the only name that it has so far
        os.link(f"/proc/self/fd/{descriptor}", path.name, dst_dir_fd=folder, follow_symlinks=True)
        os.fsync(folder)
    except FileExistsError:
        raise
    except OSError:  # no /proc, as in some sandboxes
        return False
    finally:
        os.close(folder)
    return True


def _write_named(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        try:
            _fill(descriptor, content, mode)
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _fill(descriptor: int, content: bytes, mode: int) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fchmod(descriptor, mode)  # whatever the umask says
    os.fsync(descriptor)
