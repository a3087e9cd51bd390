"""Runs and measurements as rows of the tables, and back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.json_form import (
    case_from_json,
    case_to_json,
    environment_from_json,
    environment_to_json,
    reading_from_json,
    reading_to_json,
    run_from_json,
    run_to_json,
)
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.measurement.series import Series
from deploy_tools.results.percentiles import finite, used_percentiles
from deploy_tools.results.samples import pack_samples, unpack_samples
from deploy_tools.results.secrets import hide_in_command
from deploy_tools.results.text import storable, to_json_text

_MOST_DETAILS: Final = 1 << 28


def run_row(run: Run) -> dict[str, Any]:
    """A run; its tags have a table of their own. No password of a URL is kept."""
    values = run_to_json(run)
    return {
        "id": run.id,
        "scenario": storable(run.scenario),
        "started": values["started"],
        "started_at": run.started.timestamp(),
        "host": storable(run.host),
        "command": storable(hide_in_command(run.command)),
        "plan": to_json_text(values["plan"]),
        "version": storable(run.version),
    }


def run_of(row: Row[Any], tags: Iterable[str]) -> Run:
    """The reverse.

    Raises:
        KeyError, TypeError, ValueError: The row is damaged.
    """
    names = ("id", "scenario", "started", "host", "command", "version")
    values = {name: getattr(row, name) for name in names}
    return run_from_json({**values, "plan": json.loads(row.plan), "tags": sorted(tags)})


def measurement_row(run_id: str, measurement: Measurement) -> dict[str, Any]:
    """A measurement; series and picture have tables of their own."""
    case = measurement.case
    details = {
        "readings": [reading_to_json(one) for one in measurement.readings],
        "inputs": dict(measurement.inputs),
        "texts": list(measurement.texts),
    }
    return {
        "run_id": run_id,
        "device": storable(measurement.environment.device),
        "case_key": storable(case.key),
        "samples": sum(len(series) for series in measurement.series.values()),
        "error": storable(measurement.error),
        "verdict": storable(measurement.verdict),
        "started": measurement.started.isoformat(),
        "seconds": finite(measurement.seconds) or 0.0,
        "peak_rss_mb": finite(measurement.peak_rss_mb),
        "case_values": to_json_text(case_to_json(case)),
        "environment": to_json_text(environment_to_json(measurement.environment)),
        "details": zlib.compress(to_json_text(details).encode()),
    }


def series_rows(measurement_id: int, series: Mapping[str, Series]) -> list[dict[str, Any]]:
    """The series of a measurement."""
    return [
        {
            "measurement_id": measurement_id,
            "name": storable(one.name),
            "position": position,
            "unit": storable(one.unit),
            "count": len(one),
            "flagged": one.flagged,
            **used_percentiles(one),
            "samples": pack_samples(one),
        }
        for position, one in enumerate(series.values())
    ]


def series_of(row: Row[Any]) -> Series:
    """The reverse.

    Raises:
        ValueError: The row is damaged.
    """
    return unpack_samples(row.samples, row.name, row.unit)


def case_of(text: str) -> Case:
    """A case as its row has it.

    Raises:
        KeyError, TypeError, ValueError: The row is damaged.
    """
    return case_from_json(json.loads(text))


def measurement_of(row: Row[Any], series: Mapping[str, Series], picture: bytes | None) -> Measurement:
    """The reverse of `measurement_row`, with what the other tables have.

    Raises:
        KeyError, TypeError, ValueError: The row is damaged.
    """
    details = json.loads(_unpacked(row.details))
    return Measurement(
        case=case_of(row.case_values),
        environment=environment_from_json(json.loads(row.environment)),
        started=datetime.fromisoformat(row.started),
        seconds=row.seconds,
        series=series,
        readings=tuple(reading_from_json(one) for one in details["readings"]),
        peak_rss_mb=row.peak_rss_mb,
        inputs=dict(details["inputs"]),
        texts=tuple(map(str, details["texts"])),
        picture=picture,
        verdict=row.verdict,
        error=row.error,
    )


def _unpacked(blob: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(blob, _MOST_DETAILS)
    except zlib.error as error:
        raise ValueError(f"damaged details ({error})") from None
    if not unpacker.eof:
        raise ValueError("damaged details (cut short)")
    return plain
