"""Numbers as people read them."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Final

LONG_MS: Final = 10_000.0
"""From here on milliseconds are shown as seconds."""


def quantity(value: float, unit: str) -> str:
    """A value with its unit: ``12.3 ms``, ``16.2 s``."""
    if unit == "ms" and abs(value) >= LONG_MS:
        value, unit = value / 1000, "s"
    return f"{significant(value)} {unit}".rstrip()


def between(low: float, high: float, unit: str) -> str:
    """An interval, in the unit that its upper end has in `quantity`."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "too few samples for an interval"
    if unit == "ms" and abs(high) >= LONG_MS:
        low, high = low / 1000, high / 1000
    return f"{significant(low)} … {significant(high)}"


def significant(value: float) -> str:
    """Three digits that matter, never an exponent where people would write none."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size < 1e-3:
        return "0" if value == 0 else f"{value:.1e}"
    return f"{value:.{0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.9995 else 3}f}"


def counted(number: int, noun: str, many: str = "") -> str:
    """``1 sample``, ``1,000 samples``."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def share(part: int, whole: int) -> str:
    """A share in percent; never 0 % where there is some, nor 100 % where some is missing."""
    if not whole or part in (0, whole):
        return "100 %" if part else "0 %"
    percent = 100 * part / whole
    return "< 1 %" if percent < 1 else "> 99 %" if percent > 99 else f"{percent:.0f} %"


def change(now: float, was: float) -> str:
    """How much a value is above or below another: ``+4.2 %``."""
    return percent_change(now / was) if was > 0 else ""


def percent_change(ratio: float) -> str:
    """How much so many times as much is above or below: ``+4.2 %``."""
    return "?" if not math.isfinite(ratio) or ratio <= 0 else f"{100 * (ratio - 1):+.1f} %"


def moment(when: datetime) -> str:
    """A time to the minute, in UTC."""
    return f"{when.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def day(when: datetime) -> str:
    """The day, in UTC."""
    return f"{when.astimezone(timezone.utc):%Y-%m-%d}"
