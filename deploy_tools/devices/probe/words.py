"""Sizes and times in words."""

from __future__ import annotations

from typing import Final

_MIB: Final = 1 << 20
_GIB: Final = 1 << 30
_NOTICED: Final = 2  # seconds: probes tell the time to one


def size_text(count: int | None) -> str:
    """A number of bytes; ``?`` where it is not known."""
    if count is None:
        return "?"
    return f"{count / _GIB:.1f} GiB" if count >= _GIB else f"{count / _MIB:.0f} MiB"


def clock_text(offset: float) -> str:
    """How far a clock is off, from the seconds that it is ahead."""
    seconds = round(abs(offset))
    if seconds <= _NOTICED:
        return "as this host's"
    if seconds < 120:
        amount = f"{seconds} s"
    elif seconds < 7200:
        amount = f"{seconds / 60:.0f} min"
    else:
        amount = f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
    return f"{amount} {'ahead of' if offset > 0 else 'behind'} this host's"
