"""Samples of one quantity, in the order they were taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

RUN: Final = "run"
"""Name of the series that comparisons are about: the steady state."""
FIRST: Final = "first"
LOAD: Final = "load"
WARMUP: Final = "warmup"

# what a sample's flag says; they add up
OK: Final = 0
DISTURBED: Final = 1
THROTTLED: Final = 2

FEW: Final = 10
"""Fewer samples than this are no steady state."""


@dataclass(frozen=True, eq=False)
class Series:
    """Samples of one quantity. All arrays are of one length and not to be changed.

    Attributes:
        name: ``load``, ``first``, ``warmup``, ``run``; of a pipeline also ``detect``, ``classify``,
            ``recognize``; of parity the names of its differences.
        values: Float64; in ``unit``.
        unit: ``ms``, or what else the values are.
        at: Float64; when each sample began, in seconds from the beginning of the measurement; empty where
            it is not known.
        flags: Uint8; sums of `DISTURBED` and `THROTTLED` for each sample; empty where nobody looked.
    """

    name: str
    values: npt.NDArray[np.float64]
    unit: str = "ms"
    at: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    flags: npt.NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def marks(self) -> npt.NDArray[np.uint8]:
        """The flags of every sample: none where nobody looked."""
        return self.flags if len(self.flags) else np.zeros(len(self), np.uint8)

    @property
    def flagged(self) -> int:
        """How many samples have a flag."""
        return int(np.count_nonzero(self.flags))

    @property
    def sound(self) -> npt.NDArray[np.float64]:
        """The values of samples that are not flagged; all where nobody looked."""
        return self.values[self.marks == OK] if len(self.flags) else self.values

    @property
    def used(self) -> npt.NDArray[np.float64]:
        """The values that figures are of: the sound ones, or all where those are only a handful.

        What is compared, and told when it was measured, is chosen with more care: see
        `deploy_tools.comparison.side`.
        """
        return self.sound if len(self.sound) >= FEW else self.values

    @property
    def undisturbed(self) -> Series:
        """What curves under load are of: throttled samples too, but disturbed ones only among a handful."""
        keep = self.marks & DISTURBED == 0
        return self.only(keep) if keep.sum() >= FEW else self

    def only(self, keep: npt.NDArray[np.bool_]) -> Series:
        """Some of the samples, with their times and flags.

        Args:
            keep: Of every sample, whether it is among them.
        """
        at = self.at[keep] if len(self.at) else self.at
        flags = self.flags[keep] if len(self.flags) else self.flags
        return Series(self.name, self.values[keep], self.unit, at, flags)

    def percentile(self, percent: float) -> float:
        """A percentile of all values, linearly interpolated between ranks."""
        return float(np.percentile(self.values, percent))
