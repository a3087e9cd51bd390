"""What lists, tables and histories show of a series."""

from __future__ import annotations

from typing import Final

import numpy as np

from deploy_tools.measurement.series import Series

_PERCENTS: Final = {"p50": 50.0, "p90": 90.0, "p99": 99.0}


def used_percentiles(series: Series) -> dict[str, float | None]:
    """``p50``, ``p90`` and ``p99`` of the samples that figures are of.

    None is what is no number, or has no samples.
    """
    values = series.used
    if not len(values):
        return dict.fromkeys(_PERCENTS)
    with np.errstate(invalid="ignore"):
        found = np.percentile(values, list(_PERCENTS.values()))
    return {name: finite(value) for name, value in zip(_PERCENTS, found, strict=True)}


def finite(value: float | None) -> float | None:
    """The value, or None where it is infinite or NaN: one would be null in SQLite, but not in PostgreSQL."""
    return None if value is None or not np.isfinite(value) else float(value)
