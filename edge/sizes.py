"""Sizes of files, as people read them."""

from __future__ import annotations

from typing import Final

_KILOBYTE: Final = 1000
_SMALL: Final = 100 * _KILOBYTE
"""From here on two digits of a megabyte tell enough."""


def size_text(size: float) -> str:
    """A size in the unit that shows it: ``1.94 MB``, ``61.3 kB``, ``12 bytes``; by powers of ten.

    Args:
        size: In bytes.
    """
    if size >= _SMALL:
        return f"{size / _KILOBYTE**2:.2f} MB"
    if size >= _KILOBYTE:
        return f"{size / _KILOBYTE:.1f} kB"
    return "1 byte" if size == 1 else f"{size:.0f} bytes"
