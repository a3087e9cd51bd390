from __future__ import annotations

import math

import numpy as np
import pytest
from made_measurements import steady, wandering

from deploy_tools.comparison.ratio import Ratio, ratio_of
from deploy_tools.comparison.verdict import FASTER, SAME, SLOWER, UNSURE, samples_needed, verdict_of


def _ratio(ratio: float, low: float, high: float, floor: float = 0.0) -> Ratio:
    return Ratio(1.0, ratio, ratio, low, high, floor)


@pytest.mark.parametrize("memory", [0.0, 0.6])
def test_the_interval_holds_the_true_ratio(memory: float) -> None:
    dice = np.random.default_rng(11)
    misses = slower = 0
    for _ in range(400):
        found = ratio_of(wandering(60, memory, dice), 1.05 * wandering(60, memory, dice))
        misses += not found.low <= 1.05 <= found.high
        slower += found.low > 1
    assert misses / 400 <= 0.08
    assert slower / 400 >= (0.99 if memory == 0 else 0.9)


def test_the_ratio_of_the_reverse_is_the_reverse() -> None:
    before, after = steady(10, seed=1), steady(11, 45, seed=2)
    there, back = ratio_of(before, after, between=0.01), ratio_of(after, before, between=0.01)
    assert there.ratio == pytest.approx(1 / back.ratio)
    assert (there.low, there.high) == pytest.approx((1 / back.high, 1 / back.low))


def test_what_differs_between_processes_is_never_gone() -> None:
    before, after = steady(10, 100_000, seed=1), steady(10, 100_000, seed=2)
    alone, between = ratio_of(before, after), ratio_of(before, after, between=0.01)
    assert alone.half_width < 0.001
    assert between.half_width == pytest.approx(1.96 * math.sqrt(2) * 0.01, rel=0.01)
    assert between.floor == pytest.approx(1.96 * math.sqrt(2) * 0.01, rel=0.001)


def test_times_shorter_than_a_nanosecond_are_only_numbers() -> None:
    found = ratio_of(steady(1e-9, seed=1), steady(1e-9, seed=2))
    assert found.low < 1 < found.high


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (_ratio(1.05, 1.001, 1.1), SLOWER),
        (_ratio(0.95, 0.9, 0.999), FASTER),
        (_ratio(1.0, 0.98, 1.02), SAME),
        (_ratio(1.0, 0.9, 1.02), UNSURE),
        (_ratio(1.02, 0.98, 1.06), UNSURE),
        (_ratio(1.02, 0.0, math.inf), UNSURE),
    ],
)
def test_verdicts(ratio: Ratio, verdict: str) -> None:
    assert verdict_of(ratio, 0.05) == verdict


def test_needed_samples_shrink_the_interval_as_their_root() -> None:
    # twice as wide as what would exclude 1: four times the samples
    distance = math.log(1.04)
    wide = _ratio(1.04, math.exp(-distance), math.exp(3 * distance))
    assert samples_needed(wide, 60, 0.05) == 240


def test_needed_samples_are_what_is_needed() -> None:
    few = ratio_of(steady(10, 30, noise=0.15, seed=1), steady(10.8, 30, noise=0.15, seed=50))
    assert verdict_of(few, 0.05) == UNSURE
    needed = samples_needed(few, 30, 0.05)
    assert needed is not None

    def told(count: int) -> float:
        verdicts = []
        for seed in range(60):
            before, after = (steady(10, count, noise=0.15, seed=seed + more) for more in (100, 200))
            verdicts.append(verdict_of(ratio_of(before, few.ratio * after), 0.05))
        return 1 - verdicts.count(UNSURE) / len(verdicts)

    assert told(needed // 4) < 0.5 < told(needed * 2)


def test_no_number_of_samples_tells_what_processes_differ_by() -> None:
    assert samples_needed(_ratio(1.025, 0.9, 1.2, floor=0.03), 60, 0.05) is None
    assert samples_needed(_ratio(1.025, 0.0, math.inf), 5, 0.05) is None
    # a million samples are no advice
    assert samples_needed(_ratio(1.025, 0.2, 5.0), 60, 0.05) is None
