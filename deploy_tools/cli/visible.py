"""Text as it may go to a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with escapes for control characters: names of files may hold what would steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
