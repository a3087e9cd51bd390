from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from deploy_tools.comparison.signed_rank import middle_interval

Draw = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]


def _resembling(dice: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """An autoregressive series about 0."""
    value, values = dice.normal(), []
    for one in dice.normal(0, 0.8, count):
        value = 0.6 * value + one
        values.append(value)
    return np.array(values)


# all about 0
DRAWS: dict[str, Draw] = {
    "normal": lambda dice, count: dice.normal(size=count),
    "heavy tails": lambda dice, count: dice.standard_t(1.5, size=count),
    "two groups": lambda dice, count: np.sign(dice.normal(size=count)) + 0.3 * dice.normal(size=count),
}


def _misses(draw: Draw, count: int, trials: int = 400) -> float:
    dice = np.random.default_rng(3)
    ends = [middle_interval(draw(dice, count))[1:] for _ in range(trials)]
    return sum(not low <= 0 <= high for low, high in ends) / trials


@pytest.mark.parametrize("count", [12, 40])
@pytest.mark.parametrize("name", DRAWS)
def test_intervals_hold_the_middle_as_often_as_they_say(name: str, count: int) -> None:
    # 5 % of 400 have a standard error of 1.1 %
    assert 0.02 <= _misses(DRAWS[name], count) <= 0.08


def test_numbers_that_resemble_those_before_them_widen_it() -> None:
    # taken for independent, every third would miss
    assert _misses(_resembling, 100, trials=200) <= 0.12


def test_the_published_example() -> None:
    """Depression before and after (Hollander and Wolfe, "Nonparametric Statistical Methods", table 3.1)."""
    before = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
    after = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
    middle, low, high = middle_interval(after - before)
    assert middle == pytest.approx(-0.46)
    # the exact interval of 96.1 % is -0.786 to -0.010
    assert (low, high) == pytest.approx((-0.786, -0.010), abs=0.06)


def test_one_huge_number_hardly_matters() -> None:
    values = np.random.default_rng(4).normal(0, 0.01, 30)
    spoilt = values.copy()
    spoilt[7] = 1000.0
    assert middle_interval(spoilt)[0] == pytest.approx(middle_interval(values)[0], abs=0.002)
    assert middle_interval(spoilt)[2] < 0.02


def test_few_numbers_have_open_ends_and_equal_ones_no_width() -> None:
    for count in (1, 2, 4):
        middle, low, high = middle_interval(np.arange(float(count)))
        assert (low, high) == (-math.inf, math.inf)
        assert middle == (count - 1) / 2
    assert middle_interval(np.full(12, 0.05)) == (0.05, 0.05, 0.05)


def test_the_reverse_is_the_reverse_and_more_confidence_is_wider() -> None:
    values = np.random.default_rng(5).normal(0.1, 1, 25)
    middle, low, high = middle_interval(values)
    assert middle_interval(-values) == pytest.approx((-middle, -high, -low))
    _, lower, higher = middle_interval(values, 0.99)
    assert lower < low < high < higher
