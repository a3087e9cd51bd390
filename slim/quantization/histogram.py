"""How large the numbers are that come into a layer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

BINS: Final = 4096
_SAMPLE: Final = 100_000
"""Numbers of one picture that are counted; the largest is looked for among all."""


class Histogram:
    """Magnitudes, counted in bins of equal width from 0 on; zeros are not counted, they lose nothing.

    The range grows as it must: its bins are then merged in pairs.

    Attributes:
        counts: Float64 (BINS,).
        top: Upper end of the range; 0 before there was anything.
        largest: The largest magnitude of each picture.
    """

    def __init__(self) -> None:
        self.counts = np.zeros(BINS)
        self.top = 0.0
        self.largest: list[float] = []

    def add(self, numbers: npt.NDArray[Any]) -> None:
        """Count what came in for one picture; any shape."""
        flat = numbers.reshape(-1)
        largest = max(float(flat.max()), -float(flat.min())) if flat.size else 0.0
        self.largest.append(largest)
        if not largest:
            return
        if not self.top:
            self.top = largest * (1 + 1 / BINS)
        while self.top <= largest:
            self.counts = np.concatenate([self.counts.reshape(-1, 2).sum(axis=1), np.zeros(BINS // 2)])
            self.top *= 2
        step = max(1, flat.size // _SAMPLE) | 1  # odd: rows are of even length
        magnitudes = np.abs(flat[::step])
        bins = np.minimum((magnitudes * (BINS / self.top)).astype(np.int64), BINS - 1)
        self.counts += np.bincount(bins[magnitudes > 0], minlength=BINS)

    @property
    def width(self) -> float:
        """Of a bin."""
        return self.top / BINS

    def used(self) -> npt.NDArray[np.float64]:
        """The counts up to the last bin that is not empty."""
        return (
            self.counts[: int(np.flatnonzero(self.counts)[-1]) + 1] if self.counts.any() else self.counts[:0]
        )
