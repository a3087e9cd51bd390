"""One case, measured on one device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment, Reading
from deploy_tools.measurement.series import Series


@dataclass(frozen=True, eq=False)
class Measurement:
    """One case, measured on one device; or why it could not be.

    Attributes:
        case: What was measured.
        environment: Where.
        started: When, with its time zone.
        seconds: How long it took with everything around it.
        series: Samples by the name of the series; none where it failed.
        readings: Of temperatures and frequencies: before, meanwhile and after.
        peak_rss_mb: Highest resident memory of the runner, in MB (10**6 bytes).
        inputs: SHA-256 of what was measured, by name: the bundle's model, the photograph.
        texts: What a pipeline read, line by line; for looking at.
        picture: A JPEG of what a pipeline found, at most some 100 KB; None where there is none.
        verdict: Of the scenario ``parity``: empty where outputs agree, else in what they differ.
        error: Why it failed, in one line; empty where it did not.
    """

    case: Case
    environment: Environment
    started: datetime
    seconds: float
    series: Mapping[str, Series] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    peak_rss_mb: float | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    picture: bytes | None = None
    verdict: str = ""
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was measured."""
        return not self.error
