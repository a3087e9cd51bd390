"""Intervals: against what is known of the binomial distribution, and against resampling written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from slim.evaluation.bootstrap import (
    CONFIDENCE,
    FloatArray,
    bootstrap_interval,
    measured,
    resampled_sums,
    share,
)


def part(sums: FloatArray) -> FloatArray:
    return share(sums[..., 0], sums[..., 1])


def trials(right: np.ndarray) -> FloatArray:
    """Counts of images that are right or wrong."""
    return np.stack([right, np.ones_like(right)], axis=-1).astype(np.float64)


@pytest.mark.parametrize(("right", "count"), [(30, 100), (90, 100), (298, 300)])
def test_the_ends_are_the_binomial_s(right: int, count: int) -> None:
    """A resample of N images of which k are right holds a binomial number of right ones."""
    low, high = bootstrap_interval(trials(np.arange(count) < right), part, rounds=20_000)
    tail = (1 - CONFIDENCE) / 2
    exact = binom.ppf([tail, 1 - tail], count, right / count) / count
    # quantiles are drawn themselves: one image to either side
    assert (low, high) == pytest.approx(tuple(exact), abs=1.01 / count)


def test_how_often_the_truth_lies_within() -> None:
    dice = np.random.default_rng(4)
    within = 0
    for _ in range(300):
        low, high = bootstrap_interval(
            trials(dice.random(150) < 0.8), part, rounds=300, seed=int(dice.integers(2**31))
        )
        within += low <= 0.8 <= high
    # 95 % of 300 are 285, with a standard deviation of 3.8; percentile intervals are a little short
    assert 273 <= within <= 297


def test_how_often_the_true_loss_lies_within() -> None:
    """Most images are right or wrong for both networks, so the interval is much narrower than unpaired."""
    dice = np.random.default_rng(5)
    within, widths, unpaired = 0, [], []
    for _ in range(300):
        fate = dice.random(200)
        before, after = fate < 0.80, (fate < 0.74) | (fate > 0.99)  # loses 6 points, gains 1
        counts = np.stack([before, after, np.ones(200)], axis=-1).astype(np.float64)
        low, high = bootstrap_interval(
            counts, lambda sums: (sums[..., 0] - sums[..., 1]) / sums[..., 2], rounds=300
        )
        within += low <= 0.05 <= high
        widths.append(high - low)
        alone = bootstrap_interval(trials(after), part, rounds=300)
        unpaired.append(alone[1] - alone[0])
    assert 270 <= within <= 297
    assert np.mean(widths) < 0.65 * np.mean(unpaired)


def test_a_ratio_of_sums_is_resampled_as_such() -> None:
    """Images with many regions weigh more; the mean over images would be another measure."""
    dice = np.random.default_rng(6)
    labelled = dice.integers(1, 30, 60)
    counts = np.stack([dice.binomial(labelled, 0.6), labelled], axis=-1).astype(np.float64)
    low, high = bootstrap_interval(counts, part)
    slowly = []
    for _ in range(3000):
        drawn = counts[dice.integers(0, 60, 60)]
        slowly.append(drawn[:, 0].sum() / drawn[:, 1].sum())
    assert (low, high) == pytest.approx(tuple(np.quantile(slowly, [0.025, 0.975])), abs=0.008)


def test_resamples_hold_as_many_images_as_there_are() -> None:
    sums = resampled_sums(np.eye(7), rounds=50)
    assert sums.shape == (50, 7)
    assert (sums.sum(axis=1) == 7).all()
    assert len(np.unique(sums, axis=0)) > 40


def test_the_same_seed_draws_the_same_images_whatever_they_count() -> None:
    counts = np.random.default_rng(1).random((40, 3))
    sums = resampled_sums(counts, rounds=30, seed=3)
    assert np.array_equal(sums, resampled_sums(counts, rounds=30, seed=3))
    assert np.allclose(resampled_sums(counts[:, :1], rounds=30, seed=3), sums[:, :1])
    assert not np.allclose(resampled_sums(counts, rounds=30, seed=4), sums)


def test_many_images_are_drawn_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.random.default_rng(1).random((40, 2))
    monkeypatch.setattr("slim.evaluation.bootstrap._NUMBERS_AT_ONCE", 100)
    sums = resampled_sums(counts, rounds=7)
    assert sums.shape == (7, 2)
    assert np.isfinite(sums).all()


def test_measured_in_percent() -> None:
    measure = measured(trials(np.arange(50) < 40), {"part": part})["part"]
    assert (measure.value, measure.count, measure.unit) == (80, 50, "%")
    assert 65 < measure.low < 75 < 85 < measure.high < 95
    assert measure.to_json() == {
        "value": 80.0,
        "low": round(measure.low, 4),
        "high": round(measure.high, 4),
        "count": 50,
        "unit": "%",
    }
    assert str(measure) == f"80.00 % ({measure.low:.2f} … {measure.high:.2f})"


def test_where_all_are_right_the_interval_has_no_width() -> None:
    measure = measured(trials(np.ones(9)), {"part": part})["part"]
    assert (measure.low, measure.value, measure.high) == (100, 100, 100)


def test_nothing_to_resample() -> None:
    with pytest.raises(ValueError, match="no images"):
        bootstrap_interval(np.zeros((0, 2)), part)
    assert part(np.zeros((3, 2))).tolist() == [0, 0, 0]
