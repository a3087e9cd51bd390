from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from made_measurements import wandering

from deploy_tools.comparison.quantile import quantile_interval

Draw = Callable[[np.random.Generator], npt.NDArray[np.float64]]

# all with median 1
DRAWS: dict[str, Draw] = {
    "normal": lambda dice: 1 + 0.05 * dice.normal(size=60),
    "heavy tails": lambda dice: np.exp(0.05 * dice.standard_t(1.5, size=60)),
    "one side": lambda dice: np.exp(0.1 * (dice.exponential(size=60) - np.log(2))),
    "two groups": lambda dice: 1 + 0.1 * np.sign(dice.normal(size=60)) + 0.15 * dice.normal(size=60),
    "remembering": lambda dice: wandering(60, 0.6, dice),
}


def _misses(draw: Draw, interval: Callable[[npt.NDArray[np.float64]], tuple[float, float]]) -> float:
    dice = np.random.default_rng(7)
    ends = [interval(draw(dice)) for _ in range(400)]
    return sum(not low <= 1 <= high for low, high in ends) / len(ends)


@pytest.mark.parametrize("name", DRAWS)
def test_intervals_hold_the_median_as_often_as_they_say(name: str) -> None:
    # 5 % of 400 have a standard error of 1.1 %
    assert _misses(DRAWS[name], lambda samples: quantile_interval(samples)[1:]) <= 0.08


def test_single_samples_as_news_would_miss_far_more_often() -> None:
    def iid_bootstrap(samples: npt.NDArray[np.float64]) -> tuple[float, float]:
        drawn = np.random.default_rng(1).integers(0, 60, (300, 60))
        low, high = np.quantile(np.median(samples[drawn], axis=1), [0.025, 0.975])
        return low, high

    assert _misses(DRAWS["remembering"], iid_bootstrap) > 0.15


def test_heavy_tails_do_not_widen_it() -> None:
    samples = 1 + 0.01 * np.random.default_rng(2).normal(size=100)
    spoilt = samples.copy()
    spoilt[np.argsort(samples)[-10:]] *= 1000
    assert quantile_interval(spoilt) == quantile_interval(samples)


def test_few_samples_have_open_ends() -> None:
    for count in (1, 2, 3, 5):
        median, low, high = quantile_interval(np.arange(1.0, count + 1))
        assert (low, high) == (-np.inf, np.inf)
        assert median == np.median(np.arange(1.0, count + 1))


def test_low_percentiles_open_downwards_first() -> None:
    value, low, high = quantile_interval(np.arange(1.0, 31), level=0.05)
    assert low == -np.inf
    assert value < high < 30


def test_equal_samples_have_no_width() -> None:
    assert quantile_interval(np.full(50, 3.0)) == (3.0, 3.0, 3.0)


def test_more_confidence_is_wider() -> None:
    samples = np.random.default_rng(4).normal(10, 1, 200)
    _, low, high = quantile_interval(samples)
    _, lower, higher = quantile_interval(samples, confidence=0.999)
    assert lower < low < high < higher


def test_a_million_samples_take_a_moment() -> None:
    samples = np.random.default_rng(5).lognormal(3, 0.1, 1_000_000)
    begin = time.process_time()
    median, low, high = quantile_interval(samples)
    assert time.process_time() - begin < 2
    assert low < median < high < 1.001 * low
