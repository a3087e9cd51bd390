"""Which of two versions of releases is the newer one."""

from __future__ import annotations

import re
from typing import Final

_PART: Final = re.compile(r"[0-9]+|[A-Za-z]+")
_BEFORE: Final = ("dev", "snapshot", "nightly", "a", "alpha", "b", "beta", "c", "pre", "preview", "rc")
_END: Final = (1, 0, "")


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """What sorts as versions do: ``1.9 < 1.10-rc1 < 1.10 < 1.10.1``, ``2026-11-26 < 2026-12-01``.

    Numbers are compared as numbers, words as words; words such as ``rc`` and ``beta`` stand before the
    version that has none. What stands between them is not looked at, nor a ``v`` at the beginning.

    Args:
        version: Of a release.
    """
    parts = _PART.findall(version.lower())
    if len(parts) > 1 and parts[0] == "v":
        parts = parts[1:]
    return (*map(_part, parts), _END)


def _part(text: str) -> tuple[int, int, str]:
    if text.isdigit():
        return (3, int(text), "")
    return (0, _BEFORE.index(text), "") if text in _BEFORE else (2, 0, text)
