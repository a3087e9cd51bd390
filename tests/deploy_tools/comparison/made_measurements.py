"""Measurements made of numbers, for tests of what is told of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import numpy.typing as npt

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import Series

WHEN = datetime(2026, 11, 26, 5, 30, tzinfo=timezone.utc)


def made(
    values: npt.ArrayLike,
    subject: str = "ch_det",
    *,
    device: str = "pi4",
    flags: npt.ArrayLike = (),
    later: float = 0.0,
    precision: str = "fp32",
    scenario: str = "latency",
    **environment: Any,
) -> Measurement:
    """A measurement of times in ms that followed one another, so many seconds later than others."""
    times = np.asarray(values, np.float64)
    series = Series("run", times, at=np.cumsum(times) / 1000, flags=np.asarray(flags, np.uint8))
    return Measurement(
        Case(scenario, subject, precision, (1, 3, 640, 640)),
        Environment(device, **environment),
        WHEN + timedelta(seconds=later),
        1.0,
        {"run": series} if len(times) else {},
    )


def steady(milliseconds: float, count: int = 60, *, noise: float = 0.01, seed: int = 0) -> npt.NDArray[Any]:
    """Independent times about a median."""
    return milliseconds * np.exp(np.random.default_rng(seed).normal(0, noise, count))


def wandering(count: int, memory: float, dice: np.random.Generator) -> npt.NDArray[Any]:
    """Times of median 1 of which each resembles the one before: an autoregressive series."""
    news = dice.normal(0, 0.02 * np.sqrt(1 - memory**2), count)
    value, logarithms = dice.normal(0, 0.02), []
    for one in news:
        value = memory * value + one
        logarithms.append(value)
    return np.exp(np.array(logarithms))
