from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from made_measurements import wandering

from deploy_tools.comparison.blocks import block_length


def _length(samples: npt.NDArray[np.float64]) -> int:
    """The block length for the median."""
    return block_length(samples > (np.median(samples) if len(samples) else 0.0))


def test_blocks_grow_with_how_long_samples_remember() -> None:
    dice = np.random.default_rng(1)
    lengths = [
        np.mean([_length(wandering(400, memory, dice)) for _ in range(30)]) for memory in (0.0, 0.5, 0.9)
    ]
    assert lengths[0] < 10
    assert lengths[0] < lengths[1] < lengths[2]


@pytest.mark.parametrize("count", [1, 2, 5, 10, 60, 1000])
def test_blocks_have_bounds(count: int) -> None:
    dice = np.random.default_rng(count)
    for samples in (dice.normal(size=count), np.ones(count), np.arange(count, dtype=float)):
        assert 1 <= _length(samples) <= max(1, count // 3)
    if count >= 60:
        assert _length(np.ones(count)) == round(count ** (1 / 3))


def test_no_samples_have_a_block_length() -> None:
    assert _length(np.empty(0)) == 1


def test_one_huge_sample_changes_no_block_length() -> None:
    samples = wandering(300, 0.7, np.random.default_rng(3))
    spoilt = samples.copy()
    spoilt[np.argmax(spoilt)] = 1e6
    assert _length(spoilt) == _length(samples)
