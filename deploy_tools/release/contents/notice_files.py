"""``--notice``: texts of the user's own that go into the third-party notices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from edge.errors import InputError
from edge.regular_file import regular_file_size

LONGEST: Final = 1 << 20
"""Bytes of a file; the longest licences have a tenth of it."""


def read_notices(paths: Sequence[Path]) -> tuple[str, ...]:
    """Texts of files, without line breaks at either end.

    Raises:
        InputError: One cannot be read, is empty, or is no plain text in UTF-8.
    """
    return tuple(map(_read, paths))


def _read(path: Path) -> str:
    subject, remedy = f"--notice {path}", "give a file of plain text in UTF-8"
    try:
        regular_file_size(path, lambda found: InputError(subject, found, remedy), LONGEST)
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n").strip("\n")
    except UnicodeDecodeError:
        raise InputError(subject, "is not UTF-8 text", remedy) from None
    except OSError as error:
        raise InputError(subject, f"cannot be read ({error.strerror})", remedy) from None
    if not text.strip():
        raise InputError(subject, "is empty", remedy)
    odd = next((mark for mark in text if not mark.isprintable() and mark not in "\n\t\f"), None)
    if odd is not None:
        raise InputError(subject, f"has the character {odd!r} in it", remedy)
    return text.replace("\f", "\n")
