"""Which samples are not to be trusted: others had the processor, they stand out, or the device was throttled.

Flagged samples are kept. Whoever compares leaves them out, and sees how many there were.

- *Others had the processor*: the kernel counts how long the runner's threads stood ready to run while
  something else ran. More than 2 % of a sample, less than the 5 % that comparisons look for, flags it. With
  several threads their waits add up, so that one late thread flags a sample too.
- *Standing out*: slower than the median of the samples around it by more than 3.5 times the standard
  deviation that the median absolute deviation stands for (Iglewicz and Hoaglin's rule: one of 4,000 normal
  samples), and by more than 3 %, as a very steady series would have its rounding flagged. The median is that
  of its neighbours, so that a slow drift is no reason. Nothing makes a run faster than it is: quick ones are
  never flagged.
- *Throttled*: taken between two looks at the device of which one says that frequencies are held down; or
  samples became slower than they were by more than 3 % while it got hotter by 3 °C or its cores slower by
  5 %. A high temperature alone is no reason, and neither is a low frequency: an idle device has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

from deploy_tools.measurement.series import DISTURBED, THROTTLED
from deploy_tools.scenarios.looking import Look

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

WAIT: Final = 0.02
DEVIATIONS: Final = 3.5
LEAST: Final = 0.03
SLOWER: Final = 1.03
HOTTER: Final = 3.0
LOWER: Final = 0.95
_SIGMA: Final = 1.4826  # standard deviations in a median absolute deviation of normal samples
_AROUND: Final = 51
_FEWEST: Final = 8


def flag(values: Floats, at: Floats, waits: Floats, looks: Sequence[Look]) -> npt.NDArray[np.uint8]:
    """The flags of samples.

    Args:
        values: Times in ms.
        at: When each began, in seconds on the clock of the looks.
        waits: How long each waited for the processor, in ms; NaN where it is not known.
        looks: At the device, in their order.
    """
    flags = np.zeros(len(values), np.uint8)
    flags[kept_waiting(values, waits) | standing_out(values)] |= DISTURBED
    flags[throttled(values, at, looks)] |= THROTTLED
    return flags


def kept_waiting(values: Floats, waits: Floats) -> Marks:
    """Samples during which others had the processor."""
    marks: Marks = np.nan_to_num(waits) > WAIT * values
    return marks


def standing_out(values: Floats) -> Marks:
    """Samples that are much slower than those around them; none of fewer than eight."""
    if len(values) < _FEWEST:
        return np.zeros(len(values), np.bool_)
    usual = median_filter(values, size=min(_AROUND, len(values)), mode="mirror")
    above = values - usual
    deviation = _SIGMA * float(np.median(np.abs(above)))
    marks: Marks = (above > DEVIATIONS * deviation) & (above > LEAST * usual)
    return marks


def throttled(values: Floats, at: Floats, looks: Sequence[Look]) -> Marks:
    """Samples during which the device was slower than it can be because it was hot."""
    marks = np.zeros(len(values), np.bool_)
    best: float = np.inf
    for number, (before, after) in enumerate(pairwise(looks), start=1):
        between = (at >= before.reading.at) & (at < after.reading.at)
        if not between.any():
            continue
        usual = float(np.median(values[between]))
        held = _held_down(before, looks[0]) or _held_down(after, looks[0])
        if held or (usual > SLOWER * best and _hotter_or_lower(after, looks[:number])):
            marks |= between
        best = min(best, usual)
    return marks


def _held_down(look: Look, first: Look) -> bool:
    """Whether frequencies are held down more than at first."""
    lower = any(khz < LOWER * first.limits.get(core, khz) for core, khz in look.limits.items())
    return look.capped or lower


def _hotter_or_lower(look: Look, earlier: Sequence[Look]) -> bool:
    coolest = min((one.celsius for one in earlier if one.celsius is not None), default=None)
    fastest = max((one.khz for one in earlier[1:] if one.khz is not None), default=None)
    hotter = look.celsius is not None and coolest is not None and look.celsius >= coolest + HOTTER
    # the first look is at an idle device
    lower = look.khz is not None and fastest is not None and look.khz < LOWER * fastest
    return hotter or lower
