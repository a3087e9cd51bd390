"""What the format readers raise among themselves; `edge.nb.files` turns it into an error about a file."""

from __future__ import annotations


class NbDamageError(Exception):
    """Bytes that cannot be what ``opt`` wrote.

    Args:
        found: What was found, as the middle of an error line.
        remedy: What helps, where it is not "copy or convert it again".
    """

    def __init__(self, found: str, remedy: str = "") -> None:
        self.found = found
        self.remedy = remedy
        super().__init__(found)
