"""What a comparison is asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CompareSettings:
    """The same for all cases of a comparison.

    Attributes:
        threshold: What is slower by more than this share is a regression; 0.03 is 3 %.
        margin: What lies within this share, all of its interval, is the same.
        confidence: Share of intervals that hold the true ratio.
        percentile: What is compared: 50 is the median. Lower ones are steadier where others disturb the
            device.
        between: How much the median of one process differs from that of the next, of the same program on the
            same device, measured in turn: standard deviation as a share. No number of samples shows it.
        apart: The same where one was measured after the other, and nothing is known of how much runs on that
            device differ: its own state has changed, too.
        known: The same where that is known from earlier runs, at the least.
        busy: The same where others used the device meanwhile, and may have used it otherwise the second time.
    """

    threshold: float = 0.03
    margin: float = 0.05
    confidence: float = 0.95
    percentile: float = 50.0
    between: float = 0.005
    apart: float = 0.04
    known: float = 0.01
    busy: float = 0.1


USUAL = CompareSettings()
