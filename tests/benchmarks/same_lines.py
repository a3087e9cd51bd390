"""How many lines of text two readings of the same pictures have in common."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher


def same_lines(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Lines that are the same in both, in their order, and lines there are; what only one has counts too.

    Args:
        one: The lines of every picture.
        other: Likewise.
    """
    same = total = 0
    for mine, theirs in zip(one, other, strict=True):
        total += max(len(mine), len(theirs))
        matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
        same += sum(block.size for block in matcher.get_matching_blocks())
    return same, total
