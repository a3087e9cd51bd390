"""Which samples are flagged: those that waited, stand out, or were taken on a hot device; which are not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from deploy_tools.measurement.environment import Reading
from deploy_tools.measurement.series import DISTURBED, OK, THROTTLED
from deploy_tools.scenarios.flags import flag, kept_waiting, standing_out, throttled
from deploy_tools.scenarios.looking import Look


@pytest.fixture
def dice() -> np.random.Generator:
    """Of each test's own: what others threw before changes nothing."""
    return np.random.default_rng(7)


def look(at: float, celsius: float = 40, khz: int = 1500, limit: int = 1500, *, capped: bool = False) -> Look:
    return Look(Reading(at, {"cpu": celsius}, {0: khz, 1: 600}), {0: limit, 1: 600}, capped)


def test_who_waited_is_flagged() -> None:
    waits = np.array([0.0, 1.9, 2.1, np.nan, 50.0])
    assert kept_waiting(np.full(5, 100.0), waits).tolist() == [False, False, True, False, True]


@pytest.mark.parametrize("count", [20, 60, 1000, 5000])
def test_normal_samples_hardly_stand_out(dice: np.random.Generator, count: int) -> None:
    """One of 4,000 by the rule; a few more of short series, whose deviation is badly known."""
    found = [standing_out(dice.normal(100, 3, count)).mean() for _ in range(100_000 // count)]
    assert np.mean(found) < (0.01 if count < 50 else 0.003)


def test_slow_ones_stand_out_and_quick_ones_never(dice: np.random.Generator) -> None:
    values = dice.normal(100, 1, 200)
    values[[3, 77, 199]] = [108, 300, 120]
    values[[10, 100]] = [50, 90]
    assert set(np.flatnonzero(standing_out(values))) >= {3, 77, 199}
    assert not standing_out(values)[[10, 100]].any()
    assert standing_out(values).sum() < 8


def test_a_steady_series_is_not_flagged_for_its_rounding() -> None:
    assert not standing_out(np.array([10.0] * 50 + [10.2] * 5 + [10.0] * 50)).any()
    assert not standing_out(np.array([1.0, 2.0, 3.0, 400.0])).any(), "too few to know what is usual"
    assert not standing_out(np.empty(0)).any()


def test_a_drift_is_no_outlier(dice: np.random.Generator) -> None:
    assert standing_out(np.linspace(100, 200, 400) + dice.normal(0, 1, 400)).mean() < 0.02


def test_throttled_is_what_is_held_down() -> None:
    at, values = np.arange(40) * 0.25, np.full(40, 100.0)
    for later in (look(8, limit=1200), look(8, capped=True)):
        marks = throttled(values, at, [look(-1), look(4), later, look(11)])
        assert marks.tolist() == [False] * 16 + [True] * 24
    assert not throttled(values, at, [look(-1, limit=1200), look(11, limit=1200)]).any(), (
        "so the user wants it"
    )


@pytest.mark.parametrize(
    ("later", "slower", "flagged"),
    [
        (look(11, celsius=60), 1.1, True),  # hotter, and slower
        (look(11, khz=1000), 1.1, True),  # lower frequency, and slower
        (look(11, celsius=60), 1.0, False),  # only hotter
        (look(11, khz=1000), 1.0, False),  # only idle again
        (look(11), 1.1, False),  # only slower: why is not known
    ],
)
def test_throttled_is_slower_for_a_reason(later: Look, slower: float, flagged: bool) -> None:
    at = np.arange(40) * 0.25
    values = np.where(at < 4, 100.0, 100.0 * slower)
    looks: Sequence[Look] = [look(-1, khz=600), look(4), later]
    assert throttled(values, at, looks).tolist() == [False] * 16 + [flagged] * 24


def test_flags_add_up_and_nothing_is_dropped() -> None:
    values, at = np.full(20, 10.0), np.arange(20) * 1.0
    values[12] = 30.0
    waits = np.zeros(20)
    waits[3] = 5.0
    flags = flag(values, at, waits, [look(-1), look(9.5), look(21, limit=900)])
    assert flags.dtype == np.uint8
    assert len(flags) == 20
    assert (flags[0], flags[3], flags[12], flags[15]) == (OK, DISTURBED, DISTURBED | THROTTLED, THROTTLED)
    assert flag(values, at, np.full(20, np.nan), []).sum() == DISTURBED
