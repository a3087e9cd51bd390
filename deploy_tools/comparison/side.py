"""What of a measurement is compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from deploy_tools.comparison.quantile import FloatArray
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import DISTURBED, FEW, RUN, THROTTLED, Series

Marks = npt.NDArray[np.bool_]

_DRIFT: Final = 0.03
BUSY: Final = 0.1
"""Where others used a device for a greater share of the samples, it was busy."""


@dataclass(frozen=True, eq=False)
class Side:
    """Samples of one side of a comparison.

    Attributes:
        samples: Of the steady state, in the order they were taken, without flagged ones.
        keep: Of every sample there is, whether it is among them.
        left_out: How many are not among them.
        busy: Whether others used the device for more than every tenth.
        sound: Whether they tell anything: not where hardly one was taken without others using the device.
        notes: What a reader must know of them.
    """

    samples: FloatArray = field(repr=False)
    keep: Marks = field(repr=False)
    left_out: int = 0
    busy: bool = False
    sound: bool = True
    notes: tuple[str, ...] = ()


def has_samples(measurement: Measurement) -> bool:
    """Whether there is anything to compare."""
    series = measurement.series.get(RUN)
    return series is not None and series.unit == "ms" and bool(_real(series).any())


def side_of(measurement: Measurement) -> Side:
    """The samples of a measurement; none where it failed or has no steady state in ms.

    Flagged samples are left out, as they tell of the neighbours, or of warmth, and not of what was measured.
    Under sustained load warmth is what is measured; so throttled samples count there, and where there is
    little else. Disturbed ones count only where there is nothing else, and then they tell nothing.
    """
    if not has_samples(measurement):
        return Side(np.empty(0), np.empty(0, np.bool_))
    series = measurement.series[RUN]
    real, disturbed, throttled = _real(series), series.marks & DISTURBED > 0, series.marks & THROTTLED > 0
    keep = real & ~disturbed
    if measurement.case.scenario != "sustained" and np.sum(keep & ~throttled) >= FEW:
        keep = keep & ~throttled
    sound = not disturbed.any() or int(keep.sum()) >= FEW
    keep = keep if sound else real
    samples = series.values[keep]
    notes = []
    if not sound:
        notes.append(
            f"others used the device for {disturbed.sum()} of {len(series)} samples: they tell nothing"
        )
    elif len(samples) < len(series) / 2:
        notes.append(f"{len(series) - len(samples)} of {len(series)} samples are flagged and left out")
    if throttled.any():
        notes.append(f"the device was throttled for {throttled.sum()} of {len(series)} samples")
    notes += _drift(samples)
    busy = bool(disturbed.mean() > BUSY)
    return Side(samples, keep, len(series) - len(samples), busy, sound, tuple(notes))


def _real(series: Series) -> Marks:
    """Samples that are times."""
    return np.asarray(np.isfinite(series.values) & (series.values > 0))


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
