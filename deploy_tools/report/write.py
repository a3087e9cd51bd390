"""Writing the page."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy_tools.whole_file import written_whole
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
    with written_whole(option, target) as unfinished:
        unfinished.write_bytes(data)
    return len(data)
