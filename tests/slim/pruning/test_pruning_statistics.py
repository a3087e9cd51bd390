"""Statistics of cut networks, fitted to the network they were cut from."""

from __future__ import annotations

import numpy as np
import paddle

from slim.networks.stored import StoredNetwork
from slim.pruning.cut import cut, most_important
from slim.pruning.statistics import StatisticsFitter


def pictures() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(4, 3, 64, 64)).astype(np.float32)


def backbone_maps(stored: StoredNetwork) -> list[np.ndarray]:
    network = stored.build()
    network.eval()
    with paddle.no_grad():
        return [one.numpy() for one in network.backbone(paddle.to_tensor(pictures()))]


def test_nothing_changes_where_nothing_was_cut(fresh_detector: StoredNetwork) -> None:
    fitted = StatisticsFitter(fresh_detector, pictures()).fit(fresh_detector, {})
    for name, value in fresh_detector.weights.items():
        if not name.startswith("head.thresh"):
            np.testing.assert_allclose(fitted.weights[name], value, rtol=2e-2, atol=1e-4, err_msg=name)


def test_a_fitted_network_is_nearer_to_the_whole_one(fresh_detector: StoredNetwork) -> None:
    widths = {
        "backbone.stage2.4.expand": 120,
        "backbone.stage3.1.expand": 240,
        "backbone.stage1.1.expand": 32,
    }
    kept = most_important(fresh_detector, widths, "l1")
    small = cut(fresh_detector, kept)
    fitted = StatisticsFitter(fresh_detector, pictures()).fit(small, kept)
    whole = backbone_maps(fresh_detector)
    plain = [np.abs(a - b).mean() for a, b in zip(whole, backbone_maps(small), strict=True)]
    near = [np.abs(a - b).mean() for a, b in zip(whole, backbone_maps(fitted), strict=True)]
    assert sum(near) < sum(plain)
    changed = {
        name for name in small.weights if not np.array_equal(small.weights[name], fitted.weights[name])
    }
    assert changed
    assert {name.rpartition(".")[2] for name in changed} == {"_mean", "_variance"}


def test_mean_and_spread_behind_the_cut_are_those_of_the_whole(fresh_detector: StoredNetwork) -> None:
    kept = most_important(fresh_detector, {"backbone.stem": 4}, "l1")
    small = cut(fresh_detector, kept)
    fitted = StatisticsFitter(fresh_detector, pictures()).fit(small, kept)

    def normalized(stored: StoredNetwork) -> np.ndarray:
        network = stored.build()
        network.eval()
        with paddle.no_grad():
            unit = network.backbone.stage0[0].expand_conv
            x = unit.conv(network.backbone.conv(paddle.to_tensor(pictures())))
            return unit.bn(x).numpy()

    ours, theirs = normalized(fitted), normalized(fresh_detector)
    np.testing.assert_allclose(ours.mean((0, 2, 3)), theirs.mean((0, 2, 3)), atol=1e-3)
    np.testing.assert_allclose(ours.std((0, 2, 3)), theirs.std((0, 2, 3)), rtol=1e-2)
