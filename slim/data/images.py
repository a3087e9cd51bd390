"""Folders of pictures that nobody labelled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image

from edge.errors import ImageError
from edge.ocr.image import load_image

SUFFIXES: Final = frozenset(
    {
        *(".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
        *(".pbm", ".pgm", ".pnm", ".ppm", ".jp2", ".avif"),
    }
)
"""Ends of the names that are taken for pictures, in lower case."""


class ImageFolder:
    """The pictures of a folder and of all folders in it, sorted by path; each is read when it is asked for.

    What begins with a dot is passed over. Links to folders are followed, each folder is looked at once.

    Args:
        folder: The folder.

    Raises:
        ImageError: It is missing, cannot be read, or holds no picture.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = _pictures_below(folder)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Image.Image:
        """A picture, RGB and upright.

        Raises:
            ImageError: The file is damaged, or gone by now.
        """
        return load_image(self.paths[index]).picture

    def __iter__(self) -> Iterator[Image.Image]:
        return (self[index] for index in range(len(self)))


def _pictures_below(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        found = "is a file, not a folder" if folder.exists() else "no such folder"
        raise ImageError(folder, found, "name a folder with pictures")
    visited: set[str] = set()
    pictures: list[Path] = []
    for place, subfolders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        real = os.path.realpath(place)
        if real in visited:  # links may form a circle
            subfolders.clear()
            continue
        visited.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        pictures += [Path(place, name) for name in names if _is_picture(name)]
    if not pictures:
        raise ImageError(folder, "holds no picture", f"known are {', '.join(sorted(SUFFIXES))}")
    return tuple(sorted(pictures))


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122


def _refuse(error: OSError) -> None:
    raise ImageError(
        error.filename, f"cannot be read ({error.strerror})", "check the path and its permissions"
    )
