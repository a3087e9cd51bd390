"""The user's own lines to draw."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edge.errors import InputError
from edge.regular_file import regular_file_size

MAX_FILE: Final = 1 << 28
"""Bytes; more text than anybody draws."""


def read_texts(path: Path) -> tuple[str, ...]:
    """The lines of a text file that are not blank.

    Raises:
        InputError: It cannot be read, is not UTF-8, or has none.
    """
    subject = f"--text {path}"
    try:
        regular_file_size(path, lambda found: InputError(subject, found, "give a text file"), MAX_FILE)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(subject, f"cannot be read ({error.strerror})", "check the path") from None
    except UnicodeDecodeError:
        raise InputError(subject, "is not UTF-8 text", "save it as UTF-8") from None
    lines = tuple(" ".join(line.split()) for line in text.splitlines())
    if not any(lines):
        raise InputError(subject, "has no text", "give a file with one line of text a line")
    return tuple(line for line in lines if line)
