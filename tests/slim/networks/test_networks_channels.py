"""The ledger of channels: what belongs together, and that cutting is right wherever it may be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from edge.errors import ModelError
from edge.predictor.protocol import Array
from slim.networks.channels import FIXED, Ledger, Site, Span, count, fixed
from slim.networks.plan import NetworkPlan, parse_plan, published_plan
from slim.zoo.catalog import find_entry


def plan_of(name: str) -> NetworkPlan:
    """A published network; recognizers with few classes, which are never cut."""
    plan = published_plan(find_entry(name))
    return replace(plan, classes=7) if plan.architecture.algorithm == "CRNN" else plan


PLANS = {
    name: plan_of(name)
    for name in (
        "ch_ppocr_mobile_v2.0_det",
        "ch_ppocr_server_v2.0_det",
        "ch_ppocr_mobile_v2.0_rec",
        "ch_ppocr_server_v2.0_rec",
        "ch_ppocr_mobile_v2.0_cls",
    )
}
"""One of every architecture."""
SHAPES = {"DB": (1, 3, 64, 96), "CRNN": (1, 3, 32, 64), "CLS": (1, 3, 48, 192)}
Kept = dict[str, Any]


def randomized(plan: NetworkPlan, rng: np.random.Generator) -> Any:
    """A network whose channels all differ, in weights, scales, means and variances."""
    from slim.networks.network import build_network
    from slim.networks.stored import StoredNetwork, weights_of

    weights = weights_of(build_network(plan))
    for key, value in weights.items():
        if value.ndim == 1:
            low = -0.5 if key.endswith(("bias", "_mean")) or ".bias_" in key else 0.5
            weights[key] = rng.uniform(low, low + 1, value.shape).astype(np.float32)
    return StoredNetwork(plan, weights)


def output(stored: Any) -> Array:
    """What a network computes of noise: logits, and all maps of a detector."""
    import paddle

    network = stored.build()
    network.eval()
    network.head.training = True  # the head alone, which then leaves nothing out
    noise = np.random.default_rng(1).uniform(-1, 1, SHAPES[stored.plan.architecture.algorithm])
    with paddle.no_grad():
        values: Array = network(paddle.to_tensor(noise.astype(np.float32))).numpy()
    return values


def cuts(published: Mapping[str, int], rng: np.random.Generator) -> Kept:
    """Channels to keep of every span; of spans with one width another number each.

    So a weight that is cut like a span that it does not belong to has a wrong shape afterwards.
    """
    seen: Counter[int] = Counter()
    kept = {}
    for name, width in published.items():
        gone = 1 + seen[width] % (width - 1)
        seen[width] += 1
        kept[name] = np.sort(rng.permutation(width)[: width - gone])
    return kept


@pytest.mark.parametrize("name", PLANS)
def test_every_span_of_every_architecture_can_be_cut(name: str) -> None:
    """Channels that are made zero contribute nothing: the network without them computes the same."""
    from slim.networks.network import build_network
    from slim.networks.stored import StoredNetwork
    from slim.pruning.cut import cut

    rng = np.random.default_rng(0)
    stored = randomized(PLANS[name], rng)
    ledger = build_network(stored.plan).ledger
    kept = cuts(ledger.published, rng)
    silenced = StoredNetwork(stored.plan, without_channels(stored.weights, ledger.sites, kept))
    narrow = cut(silenced, kept)
    assert dict(narrow.plan.widths) == {span: len(rows) for span, rows in kept.items()}
    before, after = output(silenced), output(narrow)
    assert np.abs(before - after).max() <= 3e-4 * np.abs(before).max(), "roundings"
    assert np.abs(before - output(stored)).max() > 1e-2 * np.abs(before).max(), "they did matter before"
    assert before.std() > 0


def without_channels(weights: Mapping[str, Any], sites: tuple[Site, ...], kept: Kept) -> dict[str, Any]:
    """Weights in which the other channels are zero: their filters, and scale and bias behind them."""
    changed = {key: np.array(value) for key, value in weights.items()}
    for site in sites:
        value = changed[site.key]
        scales = value.ndim == 1 and not site.key.endswith(("_mean", "_variance"))
        start = 0
        for span in site.channels:
            gone = np.setdiff1d(np.arange(span.width), kept.get(span.name, np.arange(span.width)))
            if site.writes or scales:
                np.moveaxis(value, site.axis, 0)[start + gone] = 0
            start += span.width
    return changed


@pytest.mark.parametrize("name", PLANS)
def test_every_site_is_an_axis_of_a_weight_and_every_span_is_written(name: str) -> None:
    from slim.networks.network import build_network

    network = build_network(PLANS[name])
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    written = set()
    for site in network.ledger.sites:
        assert shapes[site.key][site.axis] == count(site.channels), site
        if site.norm:
            assert f"{site.norm}.weight" in shapes
        if site.writes:
            written |= {span.name for span in site.channels}
    assert written - {FIXED} == set(network.ledger.published)
    assert dict(network.ledger.widths) == dict(network.ledger.published)
    assert not [name for name in network.ledger.published if name == FIXED]


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_read_as_it_was_written(name: str) -> None:
    narrow = PLANS[name].narrowed({"a": 3})
    again = parse_plan(narrow.to_json())
    assert again == narrow
    assert again.narrowed({"a": 4, "b": 5}).widths == {"a": 4, "b": 5}


@pytest.mark.parametrize(("name", "depths"), [("det", (2, 2, 2, 2)), ("rec", (3, 4, 6, 3))])
def test_parameters_of_the_server_backbones_have_the_names_of_paddleocr(
    name: str, depths: tuple[int, ...]
) -> None:
    """As release/2.0 has them in ``ppocr/modeling/backbones/*_resnet_vd.py``; no checkpoint was there."""
    from slim.networks.network import build_network

    places = [f"conv1_{number}" for number in (1, 2, 3)]
    for stage, depth in enumerate(depths):
        for block in range(depth):
            layers = ("conv0", "conv1", "short") if block == 0 else ("conv0", "conv1")
            places += [f"bb_{stage}_{block}.{layer}" for layer in layers]
    norm = ("weight", "bias", "_mean", "_variance")
    parameters = ("_conv.weight", *(f"_batch_norm.{one}" for one in norm))
    expected = {f"backbone.{place}.{one}" for place in places for one in parameters}
    state = build_network(PLANS[f"ch_ppocr_server_v2.0_{name}"]).state_dict()
    assert {key for key in state if key.startswith("backbone.")} == expected


def test_a_ledger() -> None:
    ledger = Ledger({"wide": 5})
    (span,) = ledger.span("wide", 8)
    assert span == Span("wide", 5)
    ledger.add("conv.weight", 0, (span, *fixed(3)), writes=True)
    assert (dict(ledger.published), dict(ledger.widths)) == ({"wide": 8}, {"wide": 5})
    assert count(ledger.sites[0].channels) == 8
    assert ledger.unknown(["wide", "z", "a"]) == ["a", "z"]
    with pytest.raises(AssertionError, match="two spans are called wide"):
        ledger.span("wide", 8)


def test_a_width_of_nothing_is_told() -> None:
    from slim.networks.network import build_network

    with pytest.raises(ModelError, match=r"has no channels called 'backbone\.nosuch'"):
        build_network(PLANS["ch_ppocr_mobile_v2.0_cls"].narrowed({"backbone.nosuch": 8}))


def test_a_network_that_cannot_be_built_is_told() -> None:
    from slim.networks.network import build_network

    with pytest.raises(ModelError, match="PPLCNetV3 cannot be built here; start from its inference model"):
        build_network(published_plan(find_entry("ch_PP-OCRv4_det")))


def test_the_same_seed_gives_the_same_weights() -> None:
    from slim.networks.network import build_network
    from slim.networks.stored import weights_of

    plan = PLANS["ch_ppocr_mobile_v2.0_cls"]
    one, same, other = (weights_of(build_network(plan, seed)) for seed in (3, 3, 4))
    assert all((one[key] == same[key]).all() for key in one)
    assert any((one[key] != other[key]).any() for key in one)
