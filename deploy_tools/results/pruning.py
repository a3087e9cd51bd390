"""Which runs may be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

from deploy_tools.results.summary import RunSummary

_UNDER_WAY: Final = timedelta(days=1)


def worth_forgetting(
    runs: Sequence[RunSummary], *, keep: int, older_than: timedelta | None, now: datetime | None = None
) -> list[RunSummary]:
    """Runs without tags that are not among the newest, and old enough.

    One that is not finished may be under way: it stays for a day.

    Args:
        runs: All runs, the newest first.
        keep: How many of the newest stay.
        older_than: How old a run must be; None where that does not matter.
        now: The time; that of the clock where None.
    """
    now = now or datetime.now(timezone.utc)
    return [
        one
        for one in runs[keep:]
        if not one.run.tags
        and (older_than is None or now - one.run.started > older_than)
        and (one.finished is not None or now - one.run.started > _UNDER_WAY)
    ]
