"""What lists and histories show of what is stored, without its samples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.run import Run


@dataclass(frozen=True)
class RunSummary:
    """A run and how much of it is there.

    Attributes:
        run: What was known at its beginning, and its tags now, sorted.
        finished: When it was, in UTC; None while more is to come, or it was broken off.
        devices: That something was measured on, or failed, sorted.
        measured: Cases that were measured, of all devices.
        failed: Cases that were not.
        samples: Of all series.
    """

    run: Run
    finished: datetime | None
    devices: tuple[str, ...]
    measured: int
    failed: int
    samples: int


@dataclass(frozen=True)
class HistoryPoint:
    """One series of a case on a device in one run.

    Percentiles are those of the samples that figures are of (`Series.used`); None without any.

    Attributes:
        run_id: The run's.
        started: When the run was, with its time zone.
        tags: The run's, sorted.
        device: Name of the device.
        case: What was measured.
        series: Name of the series.
        unit: Of the values.
        count: Samples, flagged or not.
        flagged: Samples that are.
        p50: Median.
        p90: Percentile.
        p99: Percentile.
    """

    run_id: str
    started: datetime
    tags: tuple[str, ...]
    device: str
    case: Case
    series: str
    unit: str
    count: int
    flagged: int
    p50: float | None
    p90: float | None
    p99: float | None
