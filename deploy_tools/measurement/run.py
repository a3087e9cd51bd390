"""A run: everything that one command measured."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from deploy_tools.measurement.measurement import Measurement

RUN_ID: Final = re.compile(r"[0-9a-f]{12}")
"""What the id of a run is."""


@dataclass(frozen=True)
class Run:
    """What is known of a run before anything is measured.

    Attributes:
        id: 12 hex digits; may be shortened where it stays unique.
        scenario: One of `SCENARIOS`, or ``import``.
        started: When, with its time zone.
        host: Name of the machine that began it.
        command: The command line, for people.
        plan: What it is to measure, as its scenario writes it down to resume it; JSON values.
        tags: Names the user gave it; of each tag the newest run counts.
        version: Of the toolkit.
    """

    id: str
    scenario: str
    started: datetime
    host: str = ""
    command: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    version: str = ""


def new_run_id() -> str:
    """An id that no other run has."""
    return uuid.uuid4().hex[:12]


class Recorder(Protocol):
    """Who keeps what was measured: the results store, or whoever stands in for it.

    What a call was given is safe when it returns, whatever happens to this process then. May be called by
    several threads.
    """

    def begin(self, run: Run) -> None:
        """Keep a run, nothing of which is measured yet."""
        ...

    def add(self, run_id: str, measurement: Measurement) -> None:
        """Keep what was measured. A case of a device that failed before is replaced."""
        ...

    def finish(self, run_id: str) -> None:
        """Note that nothing more is to come."""
        ...

    def measured(self, run_id: str) -> frozenset[tuple[str, str]]:
        """Device and key of the case of what is kept of a run and did not fail."""
        ...
