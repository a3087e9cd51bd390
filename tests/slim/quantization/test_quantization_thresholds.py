"""Where inputs are clipped, from counted magnitudes."""

from __future__ import annotations

import numpy as np
import pytest

from slim.quantization.histogram import BINS, Histogram
from slim.quantization.thresholds import LEVELS, METHODS


def histogram(*pictures: np.ndarray) -> Histogram:
    counted = Histogram()
    for picture in pictures:
        counted.add(picture.astype(np.float32))
    return counted


def heavy(count: int, seed: int = 0) -> np.ndarray:
    """Numbers like those in a network: most near 0, a few far out, on both sides."""
    return np.random.default_rng(seed).standard_t(4, count)


def test_the_range_grows_and_nothing_is_lost() -> None:
    small, large = np.full(30, 0.5), np.array([-40.0, 0.0, 3.0])
    counted = histogram(small, large)
    assert counted.counts.sum() == 32, "all but the zero"
    assert counted.largest == [0.5, 40.0]
    assert counted.top >= 40
    assert counted.counts[int(0.5 / counted.width)] == 30
    assert len(counted.counts) == BINS


def test_largest_and_mean_of_the_largest() -> None:
    counted = histogram(np.array([1.0, -4.0]), np.array([2.0, 0.5]))
    assert METHODS["abs_max"](counted, 1.0) == 4.0
    assert METHODS["avg"](counted, 1.0) == 3.0


@pytest.mark.parametrize("share", [0.9, 0.99, 0.999])
def test_the_share_that_is_not_clipped(share: float) -> None:
    numbers = heavy(90_000)
    threshold = METHODS["hist"](histogram(numbers), share)
    assert (np.abs(numbers) <= threshold).mean() == pytest.approx(share, abs=1e-3)


def test_least_squares_is_the_least() -> None:
    """Against quantizing the numbers themselves, with many thresholds."""
    numbers = heavy(90_000)

    def error(threshold: float) -> float:
        steps = np.round(np.clip(numbers, -threshold, threshold) / threshold * LEVELS)
        return float(np.square(steps * threshold / LEVELS - numbers).mean())

    found = METHODS["mse"](histogram(numbers), 1.0)
    best = min(error(threshold) for threshold in np.linspace(1, np.abs(numbers).max(), 300))
    assert error(found) < 1.02 * best
    assert found < np.abs(numbers).max()


@pytest.mark.parametrize("method", METHODS)
def test_signs_do_not_matter(method: str) -> None:
    numbers = heavy(20_000)
    one, other = (METHODS[method](histogram(sign * np.abs(numbers)), 0.999) for sign in (1, -1))
    assert one == other == METHODS[method](histogram(numbers), 0.999)


@pytest.mark.parametrize("method", METHODS)
def test_none_clips_beyond_the_largest(method: str) -> None:
    numbers = heavy(20_000)
    assert 0 < METHODS[method](histogram(numbers), 1.0) <= np.float32(np.abs(numbers).max())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("numbers", [np.zeros(5), np.zeros(0), np.full(7, 2.5)], ids=["zeros", "none", "one"])
def test_inputs_that_tell_little(method: str, numbers: np.ndarray) -> None:
    expected = 2.5 if numbers.any() else 0.0
    assert METHODS[method](histogram(numbers), 0.999) == pytest.approx(expected, abs=1e-3)


def test_divergence_gives_up_lonely_outliers() -> None:
    numbers = np.append(np.random.default_rng(0).normal(size=50_000), 9.0)
    assert METHODS["kl"](histogram(numbers), 1.0) < 6
