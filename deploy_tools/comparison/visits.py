"""Two things measured in turn: what one visit says beside the next, of the same moment.

Measured in turn, both are visited one after the other, A B, B A, A B, …, some runs each. A device changes
within seconds, but hardly from one visit to the next: what it did then, it did to both, and their ratio does
not show it ("duet benchmarking": L. Bulej, V. Horky, P. Tuma, F. Farquet and A. Prokopec, "Duet benchmarking:
improving measurement accuracy in the cloud", ICPE 2020). So visits are paired.

Which sample belongs to which visit is read from when it began: put in order, the samples of both fall into
stretches of one side. Where the other side begins, the visit before and the visit after are a pair; a stretch
between two such places is two visits, of one pair each.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from deploy_tools.comparison.quantile import FloatArray
from deploy_tools.comparison.side import Side
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import RUN

Numbers = npt.NDArray[np.int64]

_MOST: Final = 1000
"""Of more pairs neighbours are taken together."""


def in_turn(before: Measurement, after: Measurement) -> bool:
    """Whether the samples of both were taken in the same stretch of time, at least for the most part."""
    if before.environment.host != after.environment.host:
        return False
    spans = []
    for one in (before, after):
        at = one.series[RUN].at
        if len(at) < 2 or not np.isfinite(at).all():
            return False
        begin = one.started + timedelta(seconds=float(at[0]))
        spans.append((begin, begin + timedelta(seconds=float(at[-1] - at[0]))))
    (old_begin, old_end), (new_begin, new_end) = spans
    shared = min(old_end, new_end) - max(old_begin, new_begin)
    return shared > 0.5 * min(old_end - old_begin, new_end - new_begin)


def paired_visits(before: Measurement, after: Measurement, sides: tuple[Side, Side]) -> FloatArray:
    """How many times as long the one took as the other, visit by visit.

    A pair counts where more than half the samples of both its visits do: what little is left of a visit that
    others disturbed is not what the visit beside it saw.

    Args:
        before: The one.
        after: The other, measured in turn with it; see `in_turn`.
        sides: Which samples of both count.

    Returns:
        Logarithms of the ratios of the medians of paired visits, float64, in the order they were taken.
    """
    one, other = before.series[RUN], after.series[RUN]
    later = (after.started - before.started).total_seconds()
    side = np.repeat([0, 1], [len(one), len(other)])
    order = np.argsort(np.concatenate([one.at, other.at + later]), kind="stable")
    side = side[order]
    values = np.concatenate([one.values, other.values])[order]
    keep = np.concatenate([sides[0].keep, sides[1].keep])[order]
    pair = _pairs(side)
    pair //= 1 + int(pair[-1]) // _MOST
    visit, visits = 2 * pair + side, 2 * (int(pair[-1]) + 1)
    counts, kept = np.bincount(visit, minlength=visits), np.bincount(visit[keep], minlength=visits)
    medians = _medians(np.log(values[keep]), visit[keep], kept)
    told = (2 * kept > counts).reshape(-1, 2).all(axis=1)
    both = medians.reshape(-1, 2)[told]
    return np.asarray(both[:, 1] - both[:, 0], np.float64)


def _pairs(side: Numbers) -> Numbers:
    """The number of the pair that each sample belongs to, ascending from 0.

    Args:
        side: Of samples in the order they were taken, 0 or 1.
    """
    turn = np.concatenate([[0], np.cumsum(np.diff(side) != 0)])
    lengths = np.bincount(turn)
    last = len(lengths) - 1
    place = np.arange(len(side)) - (np.cumsum(lengths) - lengths)[turn]
    # pair n is of the end of stretch n and the beginning of stretch n + 1
    with_the_one_before = place < lengths[turn] // 2
    single = lengths[turn] == 1
    with_the_one_before[single] = turn[single] % 2 == 1  # A B A B, one run each
    with_the_one_before[turn == last] = True
    with_the_one_before[turn == 0] = False
    return np.asarray(np.maximum(turn - with_the_one_before, 0), np.int64)


def _medians(values: FloatArray, group: Numbers, counts: Numbers) -> FloatArray:
    """The median of each group; NaN of an empty one."""
    ordered = values[np.lexsort((values, group))]
    begins = np.cumsum(counts) - counts
    medians, some = np.full(len(counts), np.nan), counts > 0
    low, high = (begins + (counts - 1) // 2)[some], (begins + counts // 2)[some]
    medians[some] = (ordered[low] + ordered[high]) / 2
    return medians
