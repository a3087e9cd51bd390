"""Runs and measurements made up for tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment, Reading
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run, new_run_id
from deploy_tools.measurement.series import DISTURBED, FIRST, LOAD, OK, RUN, THROTTLED, Series

WHEN = datetime(2026, 11, 26, 7, 30, 1, 250_000, timezone(timedelta(hours=2)))


def made_run(minutes: int = 0, *, scenario: str = "latency", tags: tuple[str, ...] = ()) -> Run:
    """A run that began so many minutes after the first."""
    started = WHEN + timedelta(minutes=minutes)
    return Run(new_run_id(), scenario, started, "host", "ppocr-edge measure", {"cases": [1]}, tags, "1")


def made_measurement(
    number: int = 0, *, device: str = "pi 4", samples: int = 60, error: str = "", picture: bytes | None = None
) -> Measurement:
    """A measurement of a case that the number tells from others; without samples where it failed."""
    random = np.random.default_rng(number)
    times = np.round(random.lognormal(3.5, 0.05, samples), 3)
    flags = random.choice(np.array([OK, OK, OK, OK, DISTURBED, THROTTLED], np.uint8), samples)
    series = {
        LOAD: Series(LOAD, np.array([12.5])),
        FIRST: Series(FIRST, np.array([99.0])),
        RUN: Series(RUN, times, "ms", np.cumsum(times) / 1000, flags),
    }
    return Measurement(
        Case("latency", "ch_det", "fp32", (1, 3, 640, 640), 4, "high", f"case {number}"),
        Environment(
            device,
            "Paddle-Lite",
            "v2.13-rc",
            affinity=(2, 3),
            versions={"ppocr-edge": "1"},
            charging=False,
            battery_percent=80,
        ),
        WHEN + timedelta(seconds=number),
        3.5,
        {} if error else series,
        (Reading(-0.5, {"cpu-thermal": 41.5}, {0: 1_500_000}), Reading(3.0, {"cpu-thermal": 55.0})),
        None if error else 145.25,
        {"model": "ab" * 32},
        ("Größe", "文字"),
        picture,
        "",
        error,
    )
