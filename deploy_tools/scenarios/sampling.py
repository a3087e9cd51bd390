"""Taking samples of one network: warmed up until steady, in batches, with nothing sent between runs."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from deploy_tools.devices.base import DevicePredictor
from deploy_tools.measurement.series import FIRST, LOAD, RUN, WARMUP, Series
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.flags import flag
from deploy_tools.scenarios.looking import Look
from edge.predictor.frames import MOST_RUNS
from edge.predictor.protocol import Array

BATCH_MS: Final = 1000.0
"""Runs of so long are asked for at once: a device that waits between runs falls asleep."""
WAKE_MS: Final = 50.0
"""Runs of so long at the beginning of a batch do not count: governors take as long to wake a core."""
VISITS: Final = 20
"""Of several networks in turn each is visited as often at the least, so that all see the same moments."""
VISIT_RUNS: Final = 5
"""Fewer runs are no visit; so 60 quick ones are 12 visits."""
STEADY: Final = 0.98
_STEADY_RUNS: Final = 5
_STEADY_MS: Final = 100.0


@dataclass
class Samples:
    """Of one kind.

    Attributes:
        values: In ms.
        at: When each began, in seconds from the beginning of the measurement.
        waits: How long each waited for the processor, in ms; NaN where it is not known.
    """

    values: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def series(self, name: str, looks: list[Look] | None = None) -> Series:
        """As a series; flagged where the looks at the device are given."""
        values, at = np.array(self.values, np.float64), np.array(self.at, np.float64)
        if looks is None:
            return Series(name, values, at=at)
        return Series(name, values, at=at, flags=flag(values, at, np.array(self.waits, np.float64), looks))


class Sampler:
    """One network on a device.

    Args:
        predictor: Runs it.
        tensor: Its input.
        clock: Seconds since the beginning of the measurement.
    """

    def __init__(self, predictor: DevicePredictor, tensor: Array, clock: Callable[[], float]) -> None:
        self.predictor = predictor
        self.runs = Samples()
        self.warmup = Samples()
        self.first = Samples()
        self._tensor = tensor
        self._clock = clock
        self._load = Samples()
        self._usual_ms = 0.0

    @property
    def seconds(self) -> float:
        """How long has been measured, without what is around it."""
        return sum(self.runs.values) / 1000

    @property
    def usual_ms(self) -> float:
        """What a run took of late, with what disturbed it: so long do the next ones take."""
        return max(self._usual_ms, 1e-3)

    def load(self) -> None:
        """Wait until the model is loaded.

        Raises:
            PredictorError: It cannot be.
        """
        info = self.predictor.info
        ms = float(info.get("load_ms", 0.0))
        self._load = Samples([ms], [self._clock() - ms / 1000], [math.nan])

    def warm_up(self, limit: float) -> bool:
        """Run until runs do not get faster any more.

        Warming up makes runs faster: it is over when the median of the last runs, five at least and 100 ms of
        them, is not more than 2 % below that of as many before them. One-sided, so that neither noise nor a
        device that already gets hot makes it last.

        Args:
            limit: Seconds after which it ends anyway.

        Returns:
            Whether it became steady.
        """
        self._take(1, self.first)
        end = self._clock() + limit
        while self._clock() < end:
            window = max(_STEADY_RUNS, math.ceil(_STEADY_MS / self.usual_ms))
            self._take(min(window, self._until(end)), self.warmup)
            times = self.warmup.values
            if len(times) >= 2 * window:
                earlier, last = times[-2 * window : -window], times[-window:]
                if statistics.median(last) >= STEADY * statistics.median(earlier):
                    return True
        return False

    def batch(self, conditions: Conditions, wake: bool = True, in_turn: bool = False) -> None:
        """Take the next samples: a second of them, or as many as are wanted still.

        Args:
            conditions: Say how many are wanted.
            wake: Whether the device had to wait before.
            in_turn: Take no more than what leaves `VISITS` such batches, or `VISIT_RUNS`; and go on as before
                when there are enough, as the others still want company.
        """
        if wake and self.usual_ms < WAKE_MS:
            self._take(math.ceil(WAKE_MS / self.usual_ms), self.warmup)
        most, wanted = math.ceil(BATCH_MS / self.usual_ms), max(1, self._wanted(conditions))
        if in_turn:
            whole = max(conditions.runs, math.ceil(conditions.seconds * 1000 / self.usual_ms))
            most = min(most, max(VISIT_RUNS, math.ceil(whole / VISITS)))
            wanted = most if self.enough(conditions) else wanted
        self._take(min(most, wanted), self.runs)

    def enough(self, conditions: Conditions) -> bool:
        """Whether there are as many as wanted, and for as long."""
        return len(self.runs.values) >= conditions.runs and self.seconds >= conditions.seconds

    def series(self, looks: list[Look]) -> dict[str, Series]:
        """Everything that was measured, by the names of the series."""
        made = [self._load.series(LOAD), self.first.series(FIRST), self.warmup.series(WARMUP)]
        return {one.name: one for one in [*made, self.runs.series(RUN, looks)]}

    def _wanted(self, conditions: Conditions) -> int:
        in_time = math.ceil((conditions.seconds - self.seconds) * 1000 / self.usual_ms)
        return max(conditions.runs - len(self.runs.values), in_time)

    def _until(self, end: float) -> int:
        return max(1, math.ceil((end - self._clock()) * 1000 / self.usual_ms))

    def _take(self, count: int, into: Samples) -> None:
        times = self.predictor.measure([self._tensor], min(count, MOST_RUNS))
        end = self._clock()
        # the runs came one right after the other, and the answer right after the last
        begins = end - np.cumsum(np.array(times, np.float64)[::-1])[::-1] / 1000
        self._usual_ms = statistics.fmean(times)
        into.values += times
        into.at += begins.tolist()
        into.waits += self.predictor.waits_ms or [math.nan] * len(times)


def monotonic_since(start: float) -> Callable[[], float]:
    """A clock of seconds since a moment of ``time.monotonic``."""
    return lambda: time.monotonic() - start
