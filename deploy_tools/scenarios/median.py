"""The median with an interval, of samples of which neighbours are alike."""

from __future__ import annotations

from typing import Final

import numpy as np

from deploy_tools.measurement.series import Series

_ROUNDS: Final = 1000
_MOST: Final = 2000
_FEWEST: Final = 6
_SEED: Final = 5


def median_interval(series: Series) -> tuple[float, float, float] | None:
    """Median, and the ends of its 95 % interval by a circular block bootstrap; None of less than six samples.

    Of the samples that are not flagged, where there are enough of them; else of all. Blocks, of the cube root
    of the count, as neighbours are alike.
    """
    values = series.sound if len(series.sound) >= _FEWEST else series.values
    if len(values) < _FEWEST:
        return None
    # of very many every so-manieth: the interval becomes wider than it could be, never narrower
    thinned = values[:: -(-len(values) // _MOST)]
    count = len(thinned)
    length = max(1, round(count ** (1 / 3)))
    begins = np.random.default_rng(_SEED).integers(0, count, size=(_ROUNDS, -(-count // length), 1))
    places = ((begins + np.arange(length)) % count).reshape(_ROUNDS, -1)[:, :count]
    low, high = np.percentile(np.median(thinned[places], axis=1), [2.5, 97.5])
    return float(np.median(values)), float(low), float(high)
