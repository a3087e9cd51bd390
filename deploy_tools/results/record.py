"""A whole run as a value, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy_tools.measurement.json_form import (
    measurement_from_json,
    measurement_to_json,
    run_from_json,
    run_to_json,
)
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import RUN_ID, Run


@dataclass(frozen=True)
class RunRecord:
    """A run with everything that was measured in it.

    Attributes:
        run: What was known at its beginning, and its tags.
        finished: When it was, with its time zone; None where it was not.
        measurements: Each of another case or device.
    """

    run: Run
    finished: datetime | None
    measurements: tuple[Measurement, ...]


def record_to_json(record: RunRecord) -> dict[str, Any]:
    """Plain values."""
    return {
        "run": run_to_json(record.run),
        "finished": None if record.finished is None else record.finished.isoformat(),
        "measurements": [measurement_to_json(one) for one in record.measurements],
    }


def record_from_json(values: Mapping[str, Any]) -> RunRecord:
    """The reverse.

    Raises:
        KeyError, TypeError, ValueError: They are not such values.
    """
    finished = values["finished"]
    record = RunRecord(
        run_from_json(values["run"]),
        None if finished is None else datetime.fromisoformat(finished),
        tuple(measurement_from_json(one) for one in values["measurements"]),
    )
    _check(record)
    return record


def _check(record: RunRecord) -> None:
    """Look at what types cannot say.

    Raises:
        ValueError: Something is not as it must be.
    """
    if not RUN_ID.fullmatch(record.run.id):
        raise ValueError(f"{record.run.id!r:.40} is no id of a run")
    times = [record.run.started, *(one.started for one in record.measurements), record.finished]
    if any(time is not None and time.tzinfo is None for time in times):
        raise ValueError("a time has no time zone")
    for measurement in record.measurements:
        for series in measurement.series.values():
            count = len(series.values)
            arrays = (series.values, series.at, series.flags)
            if any(array.ndim != 1 or len(array) not in (0, count) for array in arrays):
                raise ValueError(f"series {series.name!r:.40} has arrays of different lengths")
