"""File systems in memory, for devices that are full or let nothing be run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounting(folder: Path) -> Iterator[Callable[[str], Path]]:
    """``mount(options)``: a file system in memory with these options, once; gone when the block ends.

    Args:
        folder: Where; made. A test that mounts is skipped where nobody may.
    """
    done = []

    def mount(options: str) -> Path:
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        ran = subprocess.run(command, capture_output=True, text=True)
        if ran.returncode != 0:
            pytest.skip(f"file systems cannot be mounted here: {ran.stderr.strip()}")
        done.append(folder)
        return folder

    try:
        yield mount
    finally:
        for one in done:
            subprocess.run(["umount", "-l", str(one)], check=True)
