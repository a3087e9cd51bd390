"""Measurements and runs as JSON values, and back."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import numpy as np

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment, Reading
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.measurement.series import Series

FORMAT: Final = 1


def run_to_json(run: Run) -> dict[str, Any]:
    """Plain values."""
    return {**asdict(run), "started": run.started.isoformat(), "tags": list(run.tags)}


def run_from_json(values: Mapping[str, Any]) -> Run:
    """The reverse.

    Raises:
        KeyError, TypeError, ValueError: They are not such values.
    """
    return Run(
        **{
            **values,
            "started": datetime.fromisoformat(values["started"]),
            "tags": tuple(map(str, values["tags"])),
        }
    )


def measurement_to_json(measurement: Measurement) -> dict[str, Any]:
    """Plain values; the picture in base64."""
    picture = measurement.picture
    return {
        "case": case_to_json(measurement.case),
        "environment": environment_to_json(measurement.environment),
        "started": measurement.started.isoformat(),
        "seconds": measurement.seconds,
        "series": [_series_to_json(one) for one in measurement.series.values()],
        "readings": [reading_to_json(one) for one in measurement.readings],
        "peak_rss_mb": measurement.peak_rss_mb,
        "inputs": dict(measurement.inputs),
        "texts": list(measurement.texts),
        "picture": None if picture is None else base64.b64encode(picture).decode(),
        "verdict": measurement.verdict,
        "error": measurement.error,
    }


def measurement_from_json(values: Mapping[str, Any]) -> Measurement:
    """The reverse.

    Raises:
        KeyError, TypeError, ValueError: They are not such values.
    """
    picture = values["picture"]
    series = [_series_from_json(one) for one in values["series"]]
    return Measurement(
        case=case_from_json(values["case"]),
        environment=environment_from_json(values["environment"]),
        started=datetime.fromisoformat(values["started"]),
        seconds=float(values["seconds"]),
        series={one.name: one for one in series},
        readings=tuple(reading_from_json(one) for one in values["readings"]),
        peak_rss_mb=values["peak_rss_mb"],
        inputs=dict(values["inputs"]),
        texts=tuple(map(str, values["texts"])),
        picture=None if picture is None else base64.b64decode(picture, validate=True),
        verdict=str(values["verdict"]),
        error=str(values["error"]),
    )


def case_to_json(case: Case) -> dict[str, Any]:
    """Plain values."""
    return {**asdict(case), "shape": list(case.shape)}


def case_from_json(values: Mapping[str, Any]) -> Case:
    """The reverse.

    Raises:
        KeyError, TypeError, ValueError: They are not such values.
    """
    return Case(**{**values, "shape": tuple(map(int, values["shape"]))})


def environment_to_json(environment: Environment) -> dict[str, Any]:
    """Plain values."""
    values = asdict(environment)
    return {**values, "affinity": list(environment.affinity), "versions": dict(environment.versions)}


def environment_from_json(values: Mapping[str, Any]) -> Environment:
    """The reverse.

    Raises:
        KeyError, TypeError, ValueError: They are not such values.
    """
    return Environment(**{**values, "affinity": tuple(map(int, values["affinity"]))})


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """Plain values."""
    return {
        "at": reading.at,
        "celsius": dict(reading.celsius),
        "khz": {str(core): khz for core, khz in reading.khz.items()},
    }


def reading_from_json(values: Mapping[str, Any]) -> Reading:
    """The reverse.

    Raises:
        KeyError, TypeError, ValueError: They are not such values.
    """
    return Reading(
        float(values["at"]),
        {str(zone): float(celsius) for zone, celsius in values["celsius"].items()},
        {int(core): int(khz) for core, khz in values["khz"].items()},
    )


def _series_to_json(series: Series) -> dict[str, Any]:
    return {
        "name": series.name,
        "unit": series.unit,
        "values": series.values.tolist(),
        "at": series.at.tolist(),
        "flags": series.flags.tolist(),
    }


def _series_from_json(values: Mapping[str, Any]) -> Series:
    return Series(
        str(values["name"]),
        np.asarray(values["values"], np.float64),
        str(values["unit"]),
        np.asarray(values["at"], np.float64),
        np.asarray(values["flags"], np.uint8),
    )
