"""Unpacking an archive of a release: all of it, inside one folder, or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deploy_tools.conversion.workshop import workshop
from deploy_tools.release.trust.archive_check import open_members
from deploy_tools.release.trust.archive_member import Limits, Member, UnsafeArchiveError
from deploy_tools.release.trust.held_file import HeldFile, held
from edge.errors import ReleaseError

_FILE, _PROGRAM, _FOLDER = 0o644, 0o755, 0o755
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def safe_extract(
    archive: Path, folder: Path, *, sha256: str | None = None, limits: Limits | None = None
) -> tuple[str, ...]:
    """Unpack an archive.

    Until the archive was read to its end and found harmless, all is written into a hidden folder beside the
    new one; then that becomes the new one in one step. Files are 0644, programs and folders 0755, and the
    caller's own, whatever the archive says.

    Args:
        archive: A ``.tar.gz``, ``.aar`` or ``.zip`` as releases have them.
        folder: The new folder; made, with those above it. It may not be there yet.
        sha256: What the archive must be, such as a verified release says; not looked at where None. The bytes
            that are compared are the bytes that are unpacked.
        limits: Bounds; the usual ones where None.

    Returns:
        The names of the files, in the archive's order.

    Raises:
        ReleaseError: The archive is another one, damaged, or holds what no release does; or the folder is
            there, or cannot be written.
    """
    if os.path.lexists(folder):
        raise ReleaseError(folder, "is there already", "name a new folder")
    with held(archive.parent, archive.name) as copy:
        if sha256 is not None and copy.sha256 != sha256:
            found = f"has SHA-256 {copy.sha256}, where {sha256} is expected"
            raise ReleaseError(archive, found, "fetch the release again")
        try:
            with workshop(folder) as shop:
                work = shop / "unpacked"
                _make(work)
                names = tuple(_unpacked(copy, archive.name, work, limits))
                work.rename(folder)  # fails where another process put something there meanwhile
        except UnsafeArchiveError as error:
            raise ReleaseError(archive, str(error), "do not use it") from None
        except OSError as error:
            raise ReleaseError(folder, f"cannot be written ({error.strerror})", "free space there") from None
    return names


def _unpacked(copy: HeldFile, name: str, work: Path, limits: Limits | None) -> Iterator[str]:
    for member, content in open_members(copy.stream, name, limits):
        # its name was checked: it leads nowhere but below, and no link is there that could lead on
        target = work / member.name
        if member.folder:
            _make(target)
            continue
        _make(target.parent)
        _write(target, member, content)
        yield member.name


def _make(folder: Path) -> None:
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir()
    folder.chmod(_FOLDER)


def _write(target: Path, member: Member, content: Iterator[bytes]) -> None:
    mode = _PROGRAM if member.executable else _FILE
    with os.fdopen(os.open(target, _FLAGS, mode), "wb") as out:
        os.fchmod(out.fileno(), mode)  # whatever the umask says
        for piece in content:
            out.write(piece)
