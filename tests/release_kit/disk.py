"""A disk whose power can be cut: a file system in a file, and copies of what has reached that file."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_SIZE = 24 << 20


def missing() -> str | None:
    """Why there can be none here; None where there can."""
    if shutil.which("mkfs.ext4") is None:
        return "no mkfs.ext4 here (apt-get install e2fsprogs)"
    done = subprocess.run(["losetup", "--find"], capture_output=True, check=False)
    return None if done.returncode == 0 else "no loop devices here"


def make_disk(image: Path) -> None:
    """Write an empty ext4 file system."""
    with image.open("wb") as stream:
        stream.truncate(_SIZE)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)


@contextlib.contextmanager
def powered(image: Path, folder: Path) -> Iterator[Path]:
    """The disk as a folder. Nothing of it is written by the clock, only what is asked for.

    Args:
        image: The disk.
        folder: Where it is to be seen; made.
    """
    folder.mkdir(exist_ok=True)
    options = "loop,commit=600"
    subprocess.run(["mount", "-t", "ext4", "-o", options, str(image), str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
