"""Where font files lie on a Linux machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import InputError
from edge.folders import expand_user

VARIABLE: Final = "PPOCR_EDGE_FONTS"
"""Environment variable: folders or font files, separated like PATH, to use instead of the system's."""

_SUFFIXES: Final = (".ttf", ".otf", ".ttc", ".otc")


@dataclass(frozen=True)
class FontFile:
    """A font file as found on disk; size and time tell whether it changed since it was last read."""

    path: Path
    size: int
    mtime_ns: int


def font_folders() -> tuple[Path, ...]:
    """The folders to search: ``PPOCR_EDGE_FONTS`` where set, else the system's and the user's.

    Raises:
        InputError: ``PPOCR_EDGE_FONTS`` names something that does not exist.
    """
    own = os.environ.get(VARIABLE)
    if own:
        named = tuple(expand_user(part) for part in own.split(os.pathsep) if part)
        for path in named:
            if not path.exists():
                raise InputError(VARIABLE, f"names {path}, which does not exist", "name folders of fonts")
        return named
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    usual = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", f"{data}/fonts")
    return tuple(expand_user(folder) for folder in usual)


def font_files(folders: Iterable[Path]) -> list[FontFile]:
    """All TrueType and OpenType files below some folders, each once, in the order of their paths.

    Args:
        folders: Folders, or font files themselves; those that are missing or closed to us are passed over.
    """
    found: dict[tuple[int, int], FontFile] = {}
    for folder in folders:
        for path in _walk(os.fspath(folder)):
            try:
                status = os.stat(path)  # noqa: PTH116  (a Path per file doubles the time of a warm scan)
            except OSError:
                continue  # a dangling link, or gone since it was listed
            # one file may be reached by several links; its device and inode tell
            key = (status.st_dev, status.st_ino)
            if key not in found:
                found[key] = FontFile(Path(path), status.st_size, status.st_mtime_ns)
    return sorted(found.values(), key=lambda file: file.path)


def _walk(top: str) -> Iterator[str]:
    if os.path.isfile(top):  # noqa: PTH113
        yield top
        return
    visited: set[str] = set()
    # fonts of other packages are often linked folders, and links may form a circle
    for folder, subfolders, names in os.walk(top, followlinks=True):
        real = os.path.realpath(folder)
        if real in visited:
            subfolders.clear()
            continue
        visited.add(real)
        subfolders.sort()
        yield from (f"{folder}/{name}" for name in sorted(names) if name.lower().endswith(_SUFFIXES))
