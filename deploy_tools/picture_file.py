"""Writing a drawn picture: whole or not at all, and never over somebody's file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import InputError

if TYPE_CHECKING:
    from PIL import Image

DRAWN_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def check_suffix(option: str, target: Path) -> None:
    """Make sure that a file's name ends as that of a picture.

    Args:
        option: The option that names it, for the message.
        target: The file.

    Raises:
        InputError: It does not.
    """
    if target.suffix.lower() not in DRAWN_SUFFIXES:
        raise InputError(
            f"{option} {target}",
            f"has suffix {target.suffix!r}",
            f"end it in {', '.join(sorted(DRAWN_SUFFIXES))}",
        )


def check_replaces_none(option: str, out: Path, targets: Iterable[Path], images: Iterable[Path]) -> None:
    """Make sure that no drawing takes the place of an image that is read.

    Args:
        option: The option that names the drawings, for the message.
        out: What it names.
        targets: The files that will be written.
        images: The files that are read.

    Raises:
        InputError: One would.
    """
    read = {os.path.realpath(path): path for path in images}
    for target in targets:
        if (image := read.get(os.path.realpath(target))) is not None:
            raise InputError(f"{option} {out}", f"would replace the image {image}", "choose another place")


def write_picture(option: str, target: Path, picture: Image.Image) -> None:
    """Write a picture, in the form its name ends in; folders above it are made.

    Args:
        option: The option that names it, for the message.
        target: The file; one that is there is replaced once the new one is whole.
        picture: What to write.

    Raises:
        InputError: It cannot be written.
    """
    unfinished = target.with_name(f".{target.name}.part")
    suffix = target.suffix.lower()[1:]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.save(unfinished, format="JPEG" if suffix == "jpg" else suffix)
        os.replace(unfinished, target)  # noqa: PTH105
    except OSError as error:
        raise InputError(
            f"{option} {target}", f"cannot be written ({error.strerror or error})", "choose another place"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
