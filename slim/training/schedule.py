"""The learning rate over a run: a linear rise, then half a cosine (Loshchilov and Hutter, 2017)."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Learning rate by step.

    Attributes:
        peak: Highest learning rate.
        steps: Steps of the run.
        warmup: Steps of the rise.
        floor: Share of the peak at the end.
    """

    peak: float
    steps: int
    warmup: int = 0
    floor: float = 0.01

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if step < self.warmup:
            return self.peak * (step + 1) / (self.warmup + 1)
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.peak * (self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
