"""Recorded noise (`record_traces` says how), and comparisons drawn from it whose truth is known.

Both sides of a comparison are windows of real runs of the same program in two processes: whatever differs
between them is noise. A true slowdown is made by multiplying one side. Samples are flagged as a measurement
flags them, and go through the product's own comparison.
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

TRACES: Final = Path(__file__).with_name("traces.npz")
ORDERS: Final = ("in turn", "one after the other")
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
    """

    subject: str
    part: str
    others: float
    values: Floats = field(repr=False)
    waits: Floats = field(repr=False)
    at: Floats = field(repr=False)

    def load(self, order: int) -> str:
        """How busy the device was, by what a comparison can see of it: one of `LOADS`."""
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
    return Session(about["subject"], about["part"], about["others"], values, waits, at.reshape(values.shape))


def kinds(sessions: Sequence[Session]) -> list[Kind]:
    """The kinds of comparisons that can be drawn."""
    found = {
        Kind(session.load(order), ORDERS[order])
        for session in sessions
        for order in range(len(session.values))
    }
    return sorted(found, key=lambda kind: (LOADS.index(kind.load), ORDERS.index(kind.order)))


def of_kind(sessions: Sequence[Session], kind: Kind) -> list[Session]:
    """The sessions that comparisons of a kind are drawn from."""
    order = ORDERS.index(kind.order)
    return [one for one in sessions if order < len(one.values) and one.load(order) == kind.load]


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
    dice, order = np.random.default_rng(seed), ORDERS.index(kind.order)
    chosen = of_kind(sessions, kind)
    for number in range(count):
        session = chosen[number % len(chosen)]
        last = session.values.shape[-1] - samples
        begins = dice.integers(0, last + 1, size=2)
        begins[1] = begins[0] if order == 0 else begins[1]  # in turn means at the same time
        sides = dice.permutation(2)
        yield (
            _measurement(session, order, int(sides[0]), int(begins[0]), samples),
            _measurement(session, order, int(sides[1]), int(begins[1]), samples),
        )


def slowed(measurement: Measurement, factor: float) -> Measurement:
    """The same measurement of something so many times as slow."""
    (series,) = measurement.series.values()
    slow = Series(series.name, factor * series.values, at=series.at, flags=series.flags)
    return Measurement(
        measurement.case, measurement.environment, measurement.started, measurement.seconds, {"run": slow}
    )


def _measurement(session: Session, order: int, process: int, begin: int, samples: int) -> Measurement:
    window = (order, process, slice(begin, begin + samples))
    values, at = session.values[window], session.at[window]
    flags = flag(values, at, session.waits[window], [])
    series = Series("run", values, at=at, flags=flags)
    return Measurement(Case("latency", session.subject), Environment("local"), _WHEN, 1.0, {"run": series})
