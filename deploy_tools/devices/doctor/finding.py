"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Final

NOT_LOOKED_AT: Final = "not looked at"
"""What was found where something before it failed."""


class State(Enum):
    """How it is."""

    OK = "ok"
    NOTE = "note"
    """Works; there is something to know."""
    MEND = "mend"
    """Must be mended."""
    SKIPPED = "skipped"
    """Could not be looked at."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: What.
        state: How it is.
        found: What was seen.
        remedy: What to do, as a clause; empty where there is nothing.
    """

    check: str
    state: State
    found: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "state": self.state.value}
