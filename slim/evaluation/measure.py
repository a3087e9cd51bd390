"""One figure, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """A figure with its 95 % confidence interval.

    Attributes:
        value: On the images that were given.
        low: Lower end of the interval.
        high: Upper end of it.
        count: How many images it rests on.
        unit: ``%`` of a whole, or ``points``: the difference of two such shares.
    """

    value: float
    low: float
    high: float
    count: int
    unit: str = "%"

    def __str__(self) -> str:
        sign = "+" if self.unit == "points" else ""
        return f"{self.value:{sign}.2f} {self.unit} ({self.low:{sign}.2f} … {self.high:{sign}.2f})"

    def to_json(self) -> dict[str, Any]:
        """Plain values, rounded to 4 digits after the point."""
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "count": self.count,
            "unit": self.unit,
        }
