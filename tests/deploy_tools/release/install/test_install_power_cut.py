"""The power is cut before any command: what has reached the disk is looked at on a disk of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.release_kit.counted import Counted, counted_device
from tests.release_kit.disk import make_disk, missing, powered
from tests.release_kit.installing import Place, Releases, host_place

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(os.geteuid() != 0, reason="file systems are mounted by root alone"),
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]
# Before every command: the disk as it is; then somebody else has his own file written, and with it all names
# and folders so far, but not what is in their files. What is in the file of our own comes to the disk only if
# somebody has all disks of this host written.
_COPY = """
[ "$lines" -ne 1 ] || echo x >'{own}'
/bin/cp --sparse=always '{disk}' '{copies}'/"$lines"a
/bin/dd if=/dev/zero of='{other}' bs=1 count=1 conv=fsync 2>/dev/null
/bin/cp --sparse=always '{disk}' '{copies}'/"$lines"b
"""
_OWN = "own"


def upgraded(releases: Releases, folder: Path, without: str = "") -> tuple[Counted, Path]:
    """A device on a disk that gets another release; the copies of that disk."""
    disk, copies = folder / "disk", folder / "copies"
    copies.mkdir()
    make_disk(disk)
    with powered(disk, folder / "mounted") as home:
        usual = host_place(releases, home)
        usual.install("1.0")
        os.sync()
        hook = _COPY.format(disk=disk, copies=copies, other=home / "other", own=home / _OWN)
        counted = counted_device(usual, folder, hook)
        if without:
            (folder / "tools" / without).write_text("#!/bin/sh\nexit 0\n")
        counted.install("1.1")
        assert usual.version() == "1.1"
    return counted, copies


def on_disk(releases: Releases, image: Path, folder: Path, *, again: bool = False) -> str:
    """The version that a copy of the disk has after its power is back; it must be whole."""
    with powered(image, folder / "looked at") as home:
        place: Place = host_place(releases, home)
        version = place.version()
        if again:
            assert place.install("1.1").version == place.version() == "1.1"
            assert place.left() == []
            assert place.roll_back().version == place.version() == "1.0"
    return version


def test_the_old_or_the_new_release_is_there_whole(releases: Releases, tmp_path: Path) -> None:
    _, copies = upgraded(releases, tmp_path)
    images = sorted(copies.iterdir(), key=lambda path: (int(path.name[:-1]), path.name))
    assert len(images) > 60
    images = [image for number, image in enumerate(images) if number % 4 in (0, 3)]  # one of each two
    versions = [
        on_disk(releases, image, tmp_path, again=number % 10 == 0) for number, image in enumerate(images)
    ]
    assert versions == sorted(versions)
    assert set(versions) == {"1.0", "1.1"}


def synced_by_others(image: Path, folder: Path) -> bool:
    """Whether another program of this host had all disks written before a copy of this one was made."""
    with powered(image, folder / "looked at") as home:
        own = home / _OWN
        return own.exists() and own.read_bytes() != b""


def test_without_sync_it_would_be_a_mixture(releases: Releases, tmp_path: Path) -> None:
    """So that what the test above sees means something."""
    for number in range(20):  # others may do at any moment what is left out here
        folder = tmp_path / str(number)
        folder.mkdir()
        _, copies = upgraded(releases, folder, without="sync")
        last = max(copies.iterdir(), key=lambda path: (int(path.name[:-1]), path.name))
        shutil.copy(last, folder / "last")
        if not synced_by_others(folder / "last", folder):
            break
    with pytest.raises(AssertionError, match="is of no release"):
        on_disk(releases, folder / "last", folder)
