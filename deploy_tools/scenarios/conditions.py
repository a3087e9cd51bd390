"""Under which conditions cases are measured: how long, how often, and what is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Conditions:
    """The same for all cases of a plan.

    Attributes:
        runs: Measuring goes on until there are so many, and
        seconds: so long has been measured; or until
        limit: so many seconds are over, whatever there is.
        warmup: Warming up ends after so many seconds, whether times have become steady or not.
        cool_down: Before a case the device may cool for so many seconds, to where it was at first.
        run_seconds: Time limit of one run.
        force: Run bundles that are known not to compute correctly on a device.
        min_score: Lines that a pipeline reads with less are dropped.
        tolerance: Largest difference at which outputs agree; None for what the bundle says.
    """

    runs: int = 60
    seconds: float = 5.0
    limit: float = 120.0
    warmup: float = 10.0
    cool_down: float = 120.0
    run_seconds: float = 120.0
    force: bool = False
    min_score: float = 0.5
    tolerance: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def conditions_from_json(values: Mapping[str, Any]) -> Conditions:
    """The reverse.

    Raises:
        TypeError: They are not such values.
    """
    return Conditions(**values)
