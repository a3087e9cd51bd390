"""Writing a drawn picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy_tools.whole_file import written_whole
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


def write_picture(option: str, target: Path, picture: Image.Image) -> None:
    """Write a picture, in the form its name ends in; folders above it are made.

    Args:
        option: The option that names it, for the message.
        target: The file; one that is there is replaced once the new one is whole.
        picture: What to write.

    Raises:
        InputError: It cannot be written.
    """
    suffix = target.suffix.lower()[1:]
    with written_whole(option, target) as unfinished:
        picture.save(unfinished, format="JPEG" if suffix == "jpg" else suffix)
