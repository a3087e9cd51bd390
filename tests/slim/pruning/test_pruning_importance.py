"""Which channels are taken for unimportant."""

from __future__ import annotations

import numpy as np
import pytest

from slim.networks.channels import Site, Span
from slim.networks.stored import StoredNetwork
from slim.pruning.cut import cut, most_important
from slim.pruning.importance import channel_importance

SPAN = Span("a", 4)


def site(norm: str = "") -> tuple[Site, ...]:
    return (Site("conv.weight", 0, (SPAN,), writes=True, norm=norm),)


def test_l1_is_the_size_of_a_filter() -> None:
    filters = np.array([3.0, -1.0, 2.0, 0.0], np.float32).reshape(4, 1, 1, 1)
    scores = channel_importance({"conv.weight": filters}, site(), "l1")["a"]
    np.testing.assert_allclose(scores, np.array([3, 1, 2, 0]) / 1.5)


def test_fpgm_drops_what_others_can_stand_for() -> None:
    # two filters alike in the middle, two far out on both sides
    filters = np.array([[0, 0], [0.1, 0], [5, 5], [-5, 4]], np.float32).reshape(4, 2, 1, 1)
    scores = channel_importance({"conv.weight": filters}, site(), "fpgm")["a"]
    assert set(np.argsort(scores)[:2]) == {0, 1}
    distances = [np.linalg.norm(filters.reshape(4, 2) - one, axis=1).sum() for one in filters.reshape(4, 2)]
    np.testing.assert_allclose(scores, np.array(distances) / np.mean(distances), rtol=1e-5)


@pytest.mark.parametrize("criterion", ["fpgm", "l1"])
def test_what_batch_normalization_scales_down_matters_little(criterion: str) -> None:
    weights = {
        "conv.weight": np.random.default_rng(0).normal(size=(4, 3, 3, 3)).astype(np.float32),
        "bn.weight": np.array([1, 1, 1e-4, 1], np.float32),
        "bn._variance": np.ones(4, np.float32),
    }
    scores = channel_importance(weights, site("bn"), criterion)["a"]  # type: ignore[arg-type]
    assert scores.argmin() == 2 or criterion == "fpgm"
    if criterion == "fpgm":
        # the geometric median of filters around zero is near zero, where the scaled one is
        assert scores.argmin() == 2


def test_every_span_of_a_real_network_is_judged(fresh_detector: StoredNetwork) -> None:
    network = fresh_detector.build()
    scores = channel_importance(fresh_detector.weights, network.ledger.sites, "fpgm")
    widths = network.ledger.widths
    assert scores.keys() == widths.keys()
    assert {name: len(one) for name, one in scores.items()} == dict(widths)
    assert all(np.isfinite(one).all() for one in scores.values())


def test_the_kept_channels_are_the_most_important_in_order(fresh_detector: StoredNetwork) -> None:
    kept = most_important(fresh_detector, {"neck.inner": 40}, "l1")["neck.inner"]
    scores = channel_importance(fresh_detector.weights, fresh_detector.build().ledger.sites, "l1")[
        "neck.inner"
    ]
    assert sorted(kept) == list(kept)
    assert scores[kept].min() >= np.delete(scores, kept).max()
    small = cut(fresh_detector, {"neck.inner": kept})
    np.testing.assert_array_equal(
        small.weights["neck.in2_conv.weight"], fresh_detector.weights["neck.in2_conv.weight"][kept]
    )
    np.testing.assert_array_equal(
        small.weights["neck.p4_conv.weight"], fresh_detector.weights["neck.p4_conv.weight"][:, kept]
    )
