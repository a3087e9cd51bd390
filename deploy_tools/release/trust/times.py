"""Points in time as signatures have them: UTC, to the second."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta, timezone
from typing import Final

from edge.errors import InputError

_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
_SHAPE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPAN: Final = re.compile(r"([0-9]{1,5})([dwy])")
_DAYS: Final = {"d": 1, "w": 7, "y": 365}


def time_text(time: datetime) -> str:
    """RFC 3339, in UTC: ``2026-11-26T07:30:00Z``."""
    return time.astimezone(timezone.utc).strftime(_FORM)


def read_time(text: str) -> datetime:
    """The time of a text in exactly the form of `time_text`.

    Raises:
        ValueError: It is in another form, or no such time exists.
    """
    if _SHAPE.fullmatch(text) is None:
        raise ValueError(f"{text!r:.40} is no time such as 2026-11-26T07:30:00Z")
    return datetime.strptime(text, _FORM).replace(tzinfo=timezone.utc)


def read_day(text: str) -> datetime:
    """The last second of a day such as ``2026-11-26``, in UTC.

    Raises:
        ValueError: It is in another form, or no such day exists.
    """
    if _DAY.fullmatch(text) is None:
        raise ValueError(f"{text!r:.40} is no day such as 2026-11-26")
    return datetime.strptime(text, "%Y-%m-%d").replace(hour=23, minute=59, second=59, tzinfo=timezone.utc)


def day_text(time: datetime) -> str:
    """The day of a time, in UTC."""
    return time.astimezone(timezone.utc).strftime("%Y-%m-%d")


def read_end(text: str, now: datetime) -> datetime:
    """When something ends that a user wrote as a day, or as a span from now: ``90d``, ``8w``, ``2y``.

    Raises:
        ValueError: It is neither, or it is over already.
    """
    span = _SPAN.fullmatch(text)
    try:
        end = now + timedelta(days=int(span[1]) * _DAYS[span[2]]) if span else read_day(text)
    except ValueError:
        raise ValueError(
            f"{text!r:.40} is neither a day such as 2028-11-26 nor a span such as 90d or 2y"
        ) from None
    except OverflowError:
        raise ValueError(f"{text!r:.40} is too far away") from None
    if end <= now:
        raise ValueError(f"{text!r:.40} is over already")
    return end


def current_time() -> datetime:
    """The clock's time, to the second."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def signing_time() -> datetime:
    """``SOURCE_DATE_EPOCH`` where it is set, so that a release can be signed again to the same bytes; or now.

    Raises:
        InputError: The variable holds no number of seconds.
    """
    return source_date() or current_time()


def source_date() -> datetime | None:
    """``SOURCE_DATE_EPOCH``; None where it is not set.

    Raises:
        InputError: It holds no number of seconds.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    try:
        if not (text.isascii() and text.isdigit()):
            raise ValueError
        return datetime.fromtimestamp(int(text), timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise InputError(
            "SOURCE_DATE_EPOCH", f"is {text!r:.40}", "set it to seconds since 1970, or unset it"
        ) from None
