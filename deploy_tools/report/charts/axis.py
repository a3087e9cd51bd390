"""Axes: where values stand between two ends, and the round values that are written beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """A linear axis.

    Attributes:
        low: Value at its beginning.
        high: Value at its end, larger.
        name: What it counts, with its unit.
        marks: Values and their labels.
    """

    low: float
    high: float
    name: str
    marks: tuple[tuple[float, str], ...]

    def place(self, values: Values) -> Values:
        """Where values stand: 0 at the beginning, 1 at the end; never outside."""
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)

    def at(self, value: float) -> float:
        """Where one value stands."""
        return float(self.place(np.array([value], np.float64))[0])


def axis(low: float, high: float, name: str, *, count: int = 4, divide: float = 1.0) -> Axis:
    """An axis with round values at it.

    Args:
        low: Smallest value.
        high: Largest; the axis is widened a little where it would have no length.
        name: What it counts, with its unit.
        count: About how many round values.
        divide: Labels show values divided by this: 1000 for seconds of values in ms.
    """
    if not high > low:
        widening = abs(high) * 0.05 or 1.0
        low, high = low - widening, high + widening
    step = _round_step((high - low) / divide, count)
    first, last = _within(low / divide, high / divide, step)
    while last <= first:  # one round value alone says nothing of the scale
        step = _round_step(step * 0.9, 1, up=False)
        first, last = _within(low / divide, high / divide, step)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    marks = tuple(
        (number * step * divide, f"{number * step + 0.0:,.{digits}f}") for number in range(first, last + 1)
    )
    return Axis(low, high, name, marks)


def time_axis(low: float, high: float, name: str, *, unit: str = "ms", count: int = 4) -> Axis:
    """An axis of values in a unit; long milliseconds are labelled in seconds."""
    if unit == "ms" and high >= 10_000:
        return axis(low, high, f"{name}, s", count=count, divide=1000.0)
    return axis(low, high, f"{name}, {unit}" if unit else name, count=count)


def _within(low: float, high: float, step: float) -> tuple[int, int]:
    """The first and the last multiple of a step between two ends."""
    return math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)


def _round_step(length: float, count: int, *, up: bool = True) -> float:
    """1, 2 or 5 times a power of ten, about so many of which fit into a length: rounded up, or down."""
    rough = length / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    steps = [factor * power for factor in (1.0, 2.0, 5.0, 10.0)]
    if up:
        return next(step for step in steps if step >= rough * 0.999)
    return next(step for step in reversed(steps) if step <= rough * 1.001)
