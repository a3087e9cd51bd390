"""Writing the page: whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from edge.errors import InputError

SUFFIXES: Final = (".html", ".htm")


def check_page(option: str, target: Path) -> None:
    """Make sure that a file's name ends as that of a page, before anything is measured or read.

    Raises:
        InputError: It does not.
    """
    if target.suffix.lower() not in SUFFIXES:
        raise InputError(f"{option} {target}", f"has suffix {target.suffix!r}", "end it in .html")


def write_page(option: str, target: Path, text: str) -> int:
    """Write a page; folders above it are made, one that is there is replaced once the new one is whole.

    Returns:
        Its bytes.

    Raises:
        InputError: It cannot be written.
    """
    # what is no character, such as half of one in a file's name, becomes a question mark
    data = text.encode("utf-8", "replace")
    unfinished = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(data)
        os.replace(unfinished, target)  # noqa: PTH105
    except (OSError, ValueError) as error:
        found = f"cannot be written ({getattr(error, 'strerror', None) or error})"
        raise InputError(f"{option} {target}", found, "choose another place") from None
    finally:
        with contextlib.suppress(OSError, ValueError):
            unfinished.unlink()
    return len(data)
