"""When a release was made, by what went into it: never by the clock, which is another one every time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Final

from deploy_tools.release.trust.times import source_date

_NOTHING_TELLS: Final = datetime(1980, 1, 1, tzinfo=timezone.utc)
"""The first time that every kind of archive can hold."""


def creation_time(newest: Iterable[datetime | None]) -> datetime:
    """``SOURCE_DATE_EPOCH`` where it is set, else the newest of the times, else the beginning of 1980.

    Raises:
        InputError: The variable holds no number of seconds.
    """
    told = source_date()
    if told is not None:
        return told
    times = [time.astimezone(timezone.utc).replace(microsecond=0) for time in newest if time is not None]
    return max(times, default=_NOTHING_TELLS)
