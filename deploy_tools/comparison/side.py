"""What of a measurement is compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from deploy_tools.comparison.quantile import FloatArray
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import DISTURBED, RUN, THROTTLED, Series

Marks = npt.NDArray[np.bool_]

FEW: Final = 10
"""Fewer samples than this are no steady state."""
_DRIFT: Final = 0.03
_BUSY: Final = 0.1


@dataclass(frozen=True, eq=False)
class Side:
    """Samples of one side of a comparison.

    Attributes:
        samples: Of the steady state, in the order they were taken, without flagged ones.
        left_out: How many are flagged, and not among them.
        busy: Whether others used the device for more than every tenth of them.
        notes: What a reader must know of them.
    """

    samples: FloatArray = field(repr=False)
    left_out: int = 0
    busy: bool = False
    notes: tuple[str, ...] = ()


def has_samples(measurement: Measurement) -> bool:
    """Whether there is anything to compare."""
    series = measurement.series.get(RUN)
    return series is not None and series.unit == "ms" and bool(_usable(series).any())


def side_of(measurement: Measurement) -> Side:
    """The samples of a measurement; none where it failed or has no steady state in ms.

    Flagged samples are left out, as they tell of the neighbours and not of what was measured. Where too few
    are left all are taken, and a note says so.
    """
    if not has_samples(measurement):
        return Side(np.empty(0))
    series = measurement.series[RUN]
    keep = _usable(series)
    flagged = len(series) - int(_sound(series).sum())
    samples = series.values[keep]
    notes = []
    if flagged and keep.all():
        notes.append(f"{flagged} of {len(series)} samples are flagged, too many to leave them out")
    elif flagged > len(series) / 2:
        notes.append(f"{flagged} of {len(series)} samples are flagged and left out")
    if len(series.flags) and (series.flags & THROTTLED).any():
        notes.append("the device was throttled")
    notes += _drift(samples)
    busy = len(series.flags) > 0 and float(np.mean(series.flags & DISTURBED > 0)) > _BUSY
    return Side(samples, len(series) - len(samples), busy, tuple(notes))


def _sound(series: Series) -> Marks:
    return np.asarray(series.flags == 0) if len(series.flags) else np.ones(len(series), np.bool_)


def _usable(series: Series) -> Marks:
    """Which samples are taken: positive and finite ones, without flagged ones unless too few were left."""
    real = np.isfinite(series.values) & (series.values > 0)
    sound = real & _sound(series)
    return sound if sound.sum() >= FEW else real


def _drift(samples: FloatArray) -> list[str]:
    """A note where the middle half of the later samples is apart from that of the earlier ones."""
    half = len(samples) // 2
    if half < FEW:
        return []
    (low, median, high), (later_low, later, later_high) = (
        np.percentile(part, [25, 50, 75]) for part in (samples[:half], samples[half:])
    )
    if abs(later / median - 1) < _DRIFT or (later_low <= high and low <= later_high):
        return []
    return [f"its second half takes {100 * (later / median - 1):+.1f} %: it was no steady state"]
