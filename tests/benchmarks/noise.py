"""Recorded noise (`record_traces` says how), and comparisons drawn from it whose truth is known.

Both sides of a comparison are windows of real runs of the same program in two processes: whatever differs
between them is noise. A true slowdown is made by multiplying one side. Samples are flagged as a measurement
flags them, and go through the product's own comparison.

Of a third order both sides are the same process: its visits, one after the other, are dealt out to both sides
as if it had been measured in turn with itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from deploy_tools.comparison.side import BUSY
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import Series
from deploy_tools.scenarios.flags import flag

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

TRACES: Final = Path(__file__).with_name("traces.npz")
DEALT: Final = "one process with itself, in turn"
ORDERS: Final = ("in turn", "one after the other", DEALT)
TUNED: Final = "tuned"
"""Sessions that were looked at while the comparison was made; `JUDGED` ones were not."""
JUDGED: Final = "judged"
QUIET: Final = "quiet"
"""Others used the device for at most every tenth run."""
DISTURBED: Final = "disturbed"
UNKNOWN: Final = "waits not known"
LOADS: Final = (QUIET, DISTURBED, UNKNOWN)
_WHEN: Final = datetime(2026, 11, 26, tzinfo=timezone.utc)


@dataclass(frozen=True, eq=False)
class Session:
    """Two processes of one program, measured in turn and, in most sessions, one after the other.

    Attributes:
        subject: Which network, of which size.
        part: `TUNED` or `JUDGED`.
        others: Cores that the rest of the machine used meanwhile.
        values: Float64 (orders, processes, runs), in ms.
        waits: The same; how long each run waited for the processor. NaN where it is not known.
        at: The same; when each run began, in seconds.
        visit: So many runs came one right after the other.
    """

    subject: str
    part: str
    others: float
    values: Floats = field(repr=False)
    waits: Floats = field(repr=False)
    at: Floats = field(repr=False)
    visit: int

    def orders(self) -> list[str]:
        """Of `ORDERS`, those that comparisons can be drawn of."""
        return list(ORDERS if len(self.values) > 1 else ORDERS[:1])

    def load(self, order: int) -> str:
        """How busy the device was, by what a comparison can see of it: one of `LOADS`.

        Args:
            order: Of the recording: 0 in turn, 1 one after the other.
        """
        if np.isnan(self.waits[order]).any():
            return UNKNOWN
        disturbed = [
            flag(values, at, waits, []) > 0
            for values, at, waits in zip(self.values[order], self.at[order], self.waits[order], strict=True)
        ]
        return QUIET if np.mean(disturbed) <= BUSY else DISTURBED


@dataclass(frozen=True)
class Kind:
    """Comparisons of one kind.

    Attributes:
        load: How busy the device was.
        order: One of `ORDERS`.
    """

    load: str
    order: str

    @property
    def recorded(self) -> int:
        """The order that was recorded: 0 in turn, 1 one after the other, of which is also what is dealt."""
        return min(ORDERS.index(self.order), 1)

    @property
    def in_turn(self) -> bool:
        """Whether both sides were measured at the same time."""
        return self.order != ORDERS[1]

    @property
    def label(self) -> str:
        """In words."""
        return f"{self.load}, {self.order}"


def read_sessions(path: Path = TRACES) -> list[Session]:
    """All sessions of a file of traces."""
    with np.load(path) as file:
        about = json.loads(bytes(file["about"]))["sessions"]
        return [_session(one, file[f"ms{number}"], file[f"at{number}"]) for number, one in enumerate(about)]


def _session(about: dict[str, Any], ms: npt.NDArray[Any], visits: npt.NDArray[Any]) -> Session:
    values, waits = ms.astype(np.float64)
    length = values.shape[-1] // visits.shape[-1]
    in_visits = values.reshape(*visits.shape, length)
    before = np.cumsum(in_visits, axis=-1) - in_visits
    at = visits[..., None].astype(np.float64) + before / 1000
    return Session(
        about["subject"], about["part"], about["others"], values, waits, at.reshape(values.shape), length
    )


def kinds(sessions: Sequence[Session]) -> list[Kind]:
    """The kinds of comparisons that can be drawn."""
    found = {
        Kind(session.load(min(order, 1)), name)
        for session in sessions
        for order, name in enumerate(session.orders())
    }
    return sorted(found, key=lambda kind: (LOADS.index(kind.load), ORDERS.index(kind.order)))


def of_kind(sessions: Sequence[Session], kind: Kind) -> list[Session]:
    """The sessions that comparisons of a kind are drawn from."""
    return [one for one in sessions if kind.order in one.orders() and one.load(kind.recorded) == kind.load]


def comparisons(
    sessions: Sequence[Session], kind: Kind, count: int, samples: int, seed: int
) -> Iterator[tuple[Measurement, Measurement]]:
    """Pairs of measurements of the same thing.

    Args:
        sessions: They are drawn from; all of a kind as often as one another.
        kind: Of the comparisons.
        count: How many.
        samples: A side.
        seed: Of what is drawn.
    """
    dice, order = np.random.default_rng(seed), kind.recorded
    chosen = of_kind(sessions, kind)
    for number in range(count):
        session = chosen[number % len(chosen)]
        sides = dice.permutation(2)
        if kind.order == DEALT:
            process, windows = int(dice.integers(2)), _dealt(session, samples, dice)
            before, after = (_measurement(session, order, process, windows[side]) for side in sides)
            yield before, after
            continue
        last = (session.values.shape[-1] - samples) // session.visit
        begins = session.visit * dice.integers(0, last + 1, size=2)  # a measurement begins with a visit
        begins[1] = begins[0] if order == 0 else begins[1]  # in turn means at the same time
        yield (
            _measurement(session, order, int(sides[0]), begins[0] + np.arange(samples)),
            _measurement(session, order, int(sides[1]), begins[1] + np.arange(samples)),
        )


def _dealt(session: Session, samples: int, dice: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Runs of one process, its visits in turn to both as a measurement takes them: A B, B A, A B …."""
    visits = 2 * samples // session.visit
    first = int(dice.integers(0, session.values.shape[-1] // session.visit - visits + 1))
    runs = np.arange(first * session.visit, (first + visits) * session.visit)
    other = np.isin(np.arange(len(runs)) // session.visit % 4, (1, 2))
    return runs[~other], runs[other]


def slowed(measurement: Measurement, factor: float) -> Measurement:
    """The same measurement of something so many times as slow."""
    (series,) = measurement.series.values()
    slow = Series(series.name, factor * series.values, at=series.at, flags=series.flags)
    return Measurement(
        measurement.case, measurement.environment, measurement.started, measurement.seconds, {"run": slow}
    )


def _measurement(session: Session, order: int, process: int, runs: Numbers) -> Measurement:
    window = (order, process, runs)
    values, at = session.values[window], session.at[window]
    flags = flag(values, at, session.waits[window], [])
    series = Series("run", values, at=at, flags=flags)
    return Measurement(Case("latency", session.subject), Environment("local"), _WHEN, 1.0, {"run": series})
