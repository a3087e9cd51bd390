"""One row of the table of failures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Stage = Literal["load", "run", "convert", "device"]
Severity = Literal["death", "warning", "unknown"]


@dataclass(frozen=True)
class Row:
    """How one failure shows itself, why it happens, and what helps.

    Attributes:
        key: Stable name of the failure, for tests and machines.
        stage: Where it happens: loading a ``.nb``, running it, converting with ``opt``, or starting a runner
            on a device.
        cause: Why, as a clause; ``{name}`` stands for what the pattern's group of that name caught.
        remedy: What helps, as a clause; likewise.
        needles: Texts of which one is in every such log, searched for first, as that is quick; none where
            only the exit says it.
        pattern: Regular expression over the whole log, with ``^`` and ``$`` at lines; any needle where empty.
        signals: Numbers of the signals that say it without any text.
        exits: Exit codes that say it without any text.
        severity: ``death`` ends the process; after a ``warning`` it goes on; ``unknown`` is any fatal line
            at all.
    """

    key: str
    stage: Stage
    cause: str
    remedy: str
    needles: tuple[str, ...] = ()
    pattern: str = ""
    signals: tuple[int, ...] = ()
    exits: tuple[int, ...] = ()
    severity: Severity = "death"

    def expression(self) -> re.Pattern[str]:
        """The compiled pattern (``re`` keeps the last few hundred compiled)."""
        return re.compile(self.pattern or "|".join(map(re.escape, self.needles)), re.MULTILINE)
