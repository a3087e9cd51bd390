"""``--expires``: the last day on which something holds."""

from __future__ import annotations

from datetime import datetime

from edge.errors import InputError

FORMS = "Last day (2028-12-31, in UTC) or span (90d, 8w, 2y); default: never."


def last_day(text: str | None, now: datetime) -> datetime | None:
    """The last second of the day that ``--expires`` names; None where it is not given.

    Args:
        text: As the user wrote it.
        now: What spans begin at.

    Raises:
        InputError: It is neither a day nor a span, or over already.
    """
    from deploy_tools.release.trust.times import day_text, read_day, read_end

    if text is None:
        return None
    try:
        return read_day(day_text(read_end(text, now)))
    except ValueError as error:
        raise InputError("--expires", str(error), "write for example 2028-12-31 or 2y") from None
