"""Figure 1 of comparisons: false alarms, and slowdowns found, on recorded noise; and how long a comparison
takes.

Every comparison is of 60 samples a side, as a measurement takes them, in two processes; or, as one can read
the figure too, in one that is measured in turn with itself. Sessions that were looked at while the
comparison was made are shown, and not judged.

False alarms are a target everywhere. Slowdowns found are one where both sides were measured in turn on a
quiet device. Measured one after the other on this machine, medians of the same program differ by up to 8 %,
as what the machine does changes within seconds; nothing that is in the samples tells this from a slowdown of
5 %, so a comparison that rarely raises a false alarm cannot find it, and says that it is unsure. On a
disturbed device 60 samples cannot either. How many are found there is told, and which of the slowdowns tried
is the smallest that is found in 95 of 100.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from deploy_tools.comparison.case import CaseComparison, compare_measurements
from deploy_tools.comparison.verdict import FASTER, SAME, SLOWER
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run, new_run_id
from deploy_tools.measurement.series import Series
from deploy_tools.results.opening import open_results
from tests.benchmarks.material import Material, Row, show
from tests.benchmarks.noise import (
    JUDGED,
    ORDERS,
    QUIET,
    TUNED,
    Kind,
    Session,
    comparisons,
    kinds,
    of_kind,
    read_sessions,
    slowed,
)

COMPARISONS = 200
SAMPLES = 60
SLOWDOWN = 1.05
FALSE_ALARMS = 0.05
FOUND = 0.95
SECONDS = 2.0
QUIET_SESSIONS = 6
"""Fewer do not show what a quiet device does."""
_SEED = 5
_SLOWDOWNS = (1.05, 1.1, 1.15, 1.2, 1.3, 1.5, 2.0, 3.0)


@dataclass(frozen=True)
class Rates:
    """What became of comparisons of one kind; shares.

    Attributes:
        false_alarms: Of a program with itself: told to be faster or slower.
        same: Of a program with itself: told to be the same.
        found: Of a program with one that is 5 % slower: told to be.
    """

    false_alarms: float
    same: float
    found: float


def rates(sessions: Sequence[Session], kind: Kind, count: int = COMPARISONS) -> Rates:
    """The rates of a kind."""
    alike = [compare_measurements(*pair) for pair in comparisons(sessions, kind, count, SAMPLES, _SEED)]
    found = share_found(sessions, kind, SLOWDOWN, count)
    return Rates(_share(alike, SLOWER, FASTER), _share(alike, SAME), found)


def share_found(sessions: Sequence[Session], kind: Kind, factor: float, count: int = COMPARISONS) -> float:
    """How often a program is told to be slower than itself that is so many times as slow."""
    pairs = comparisons(sessions, kind, count, SAMPLES, _SEED)
    return _share([compare_measurements(before, slowed(after, factor)) for before, after in pairs], SLOWER)


def least_found(sessions: Sequence[Session], kind: Kind) -> float | None:
    """The smallest slowdown that is found often enough; None where none of those tried is."""
    return next((factor for factor in _SLOWDOWNS if share_found(sessions, kind, factor) >= FOUND), None)


def measure(material: Material | None = None) -> bool:
    """Print the rates of every kind; whether all targets are met."""
    sessions = read_sessions()
    judged = [one for one in sessions if one.part == JUDGED]
    rows = [Row(f"sessions judged, looked at; comparisons of {SAMPLES} a side", _counts(sessions))]
    for order in ORDERS:
        number = len(of_kind(judged, Kind(QUIET, order)))
        rows.append(
            Row(
                f"quiet sessions to judge by, {order} (>= {QUIET_SESSIONS})", number, number >= QUIET_SESSIONS
            )
        )
    for kind in kinds(judged):
        rows += _rows(judged, kind, judged_here=True)
    looked_at = [one for one in sessions if one.part == TUNED]
    for kind in kinds(looked_at):
        rows += _rows(looked_at, kind, judged_here=False)
    return all(
        [show("1. verdicts on recorded noise, of one program with itself and 5 % slower", rows), _time()]
    )


def _rows(sessions: Sequence[Session], kind: Kind, *, judged_here: bool) -> list[Row]:
    of = rates(sessions, kind)
    number = len(of_kind(sessions, kind))
    label = f"{kind.label} ({number}{'' if judged_here else ', looked at'})"
    alarms_ok = of.false_alarms <= FALSE_ALARMS if judged_here else None
    found_ok = of.found >= FOUND if judged_here and kind.load == QUIET and kind.in_turn else None
    factor = least_found(sessions, kind)
    least = "none tried" if factor is None else f"{factor - 1:.0%}"
    alarms, found = f"{of.false_alarms:.1%}, {of.same:.0%}", f"{of.found:.1%}; {least}"
    return [
        Row(f"{label}: false alarms (<= {FALSE_ALARMS:.0%}), told the same", alarms, alarms_ok),
        Row(f"... 5 % found (>= {FOUND:.0%} where quiet, in turn); least that is", found, found_ok),
    ]


def _share(found: Sequence[CaseComparison], *verdicts: str) -> float:
    return sum(one.verdict in verdicts for one in found) / len(found)


def _counts(sessions: Sequence[Session]) -> str:
    judged = sum(one.part == JUDGED for one in sessions)
    return f"{judged}, {len(sessions) - judged}; {COMPARISONS} of each kind"


def _time() -> bool:
    """How long the command takes for two runs of 50 cases of 10,000 samples each."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "results.db"
        _fill(store)
        words = ["-m", "deploy_tools.cli.main", "compare", "before", "after", "--results", str(store)]
        seconds = []
        for _ in range(5):
            begin = time.perf_counter()
            subprocess.run([sys.executable, *words], capture_output=True, check=True)
            seconds.append(time.perf_counter() - begin)
    best = min(seconds)
    label = f"ppocr-edge compare, the fastest of 5 (< {SECONDS:g} s)"
    return show("4. two runs of 1,000,000 samples in a store", [Row(label, f"{best:.2f} s", best < SECONDS)])


def _fill(store: Path) -> None:
    dice = np.random.default_rng(_SEED)
    with open_results(store) as results:
        for tag in ("before", "after"):
            run = Run(new_run_id(), "sweep", datetime.now(timezone.utc), tags=(tag,))
            results.begin(run)
            results.add_all(run.id, [_many(number, run.started, dice) for number in range(50)])
            results.finish(run.id)


def _many(number: int, when: datetime, dice: np.random.Generator) -> Measurement:
    times = dice.lognormal(3, 0.02, 10_000).round(4)
    series = Series("run", times, at=np.cumsum(times) / 1000, flags=np.zeros(len(times), np.uint8))
    return Measurement(Case("sweep", f"model{number}"), Environment("local"), when, 200.0, {"run": series})
