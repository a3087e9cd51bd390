"""How long neighbouring samples remember each other: the block length that a block bootstrap needs.

Latencies that follow one another are alike: caches, frequencies and neighbours on the machine stay what they
are for a while. Resampling single samples, as if each was news, makes intervals far too narrow; blocks of
samples keep the likeness inside (H. R. Kuensch, "The jackknife and the bootstrap for general stationary
observations", Annals of Statistics 17, 1989). Their length is chosen by D. N. Politis and H. White,
"Automatic block-length selection for the dependent bootstrap", Econometric Reviews 23, 2004, with the
correction of A. Patton and both, Econometric Reviews 28, 2009.

What is compared is a median, and what a sample does to a median is whether it lies above or below. So the
likeness is that of these signs, which a rare huge value does not spoil (S. Sun and S. N. Lahiri,
"Bootstrapping the sample quantile of a weakly dependent sequence", Sankhya 68, 2006).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_RUN_OF_SMALL: Final = 5
"""So many correlations in a row must be insignificant for all later ones to be taken as nothing."""


def block_length(above: npt.NDArray[np.bool_]) -> int:
    """The block length for the bootstrap of a quantile.

    Never below the cube root of the count, the order of the best length for weakly dependent samples (P.
    Hall, J. Horowitz and B.-Y. Jing, Biometrika 82, 1995): of few samples no likeness can be seen that is
    there all the same. Never above a third of them.

    Args:
        above: Of samples in the order they were taken, whether each lies above the quantile.
    """
    count = len(above)
    most = max(1, count // 3)
    least = min(most, round(float(np.cbrt(count))))
    best: int = round(_politis_white(above.astype(np.float64)))
    return min(max(best, least), most)


def _politis_white(values: FloatArray) -> float:
    """The optimal length for the circular bootstrap, by its authors' rule; 1 where nothing varies."""
    count = len(values)
    deviations = values - values.mean() if count else values
    if count < 2 * _RUN_OF_SMALL or not deviations.any():
        return 1.0
    lags = min(count - 1, int(np.ceil(np.sqrt(count))) + _RUN_OF_SMALL)
    covariance = _autocovariance(deviations, lags)
    bandwidth = min(2 * max(_last_significant(covariance / covariance[0], count), 1), lags)
    lag = np.arange(-bandwidth, bandwidth + 1)
    # a flat-top window: lags up to half the bandwidth count fully
    weighted = np.clip(2 * (1 - np.abs(lag) / bandwidth), 0, 1) * covariance[np.abs(lag)]
    spectrum, slope = weighted.sum(), (np.abs(lag) * weighted).sum()
    if spectrum <= 0:
        return 1.0
    return float(np.cbrt(2 * slope**2 / (4 / 3 * spectrum**2) * count))


def _autocovariance(deviations: FloatArray, lags: int) -> FloatArray:
    """Of lags 0 to `lags`, by the Fourier transform."""
    count = len(deviations)
    transformed = np.fft.rfft(deviations, 2 * count)
    covariance = np.fft.irfft(np.abs(transformed) ** 2, 2 * count)[: lags + 1]
    return np.asarray(covariance / count, np.float64)


def _last_significant(correlation: FloatArray, count: int) -> int:
    """The lag after which correlations are insignificant for a while; 0 where all are."""
    small = np.abs(correlation[1:]) < 2 * np.sqrt(np.log10(count) / count)
    for lag in range(len(small) - _RUN_OF_SMALL + 1):
        if small[lag : lag + _RUN_OF_SMALL].all():
            return lag
    return int(np.flatnonzero(~small)[-1]) + 1 if not small.all() else 0
