"""Names and versions of releases."""

from __future__ import annotations

import re
from typing import Final

from edge.errors import InputError

_WORD: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?")


def check_word(option: str, word: str) -> str:
    """A name or version that may be part of file names.

    Args:
        option: That gave it.
        word: The name or version.

    Raises:
        InputError: It is not such.
    """
    if _WORD.fullmatch(word) is None:
        raise InputError(
            f"{option} {word}",
            "cannot be part of a file's name everywhere",
            "use letters, digits and . _ + - between them, at most 64",
        )
    return word


def slug(text: str) -> str:
    """A name of a model as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_.+]+", "-", text).strip("-.")[:80] or "model"


def markdown_text(text: str) -> str:
    """Text that means nothing to Markdown."""
    for mark in "\\`*[]<>|":
        text = text.replace(mark, f"\\{mark}")
    return text
