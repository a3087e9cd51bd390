"""Costs by widths without building, and the choice of widths."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from slim.networks.cost import count_cost
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork
from slim.pruning.budget import WidthCost
from slim.pruning.choice import Budget, choose_widths
from slim.pruning.sensitivity import Sensitivity
from slim.zoo.catalog import find_entry


@pytest.mark.parametrize("name", ["ch_ppocr_mobile_v2.0_det", "ch_ppocr_mobile_v2.0_cls"])
def test_costs_are_those_of_the_network_that_would_be_built(name: str) -> None:
    plan = published_plan(find_entry(name))
    cost = WidthCost(plan)
    rng = np.random.default_rng(2)
    for _ in range(2):
        widths = {span: int(rng.integers(1, width + 1)) for span, width in cost.widths.items()}
        built = count_cost(plan.narrowed(widths))
        assert cost.parameters(widths) == built.parameters
        assert cost.macs(widths) == built.macs


def test_the_published_detector_has_its_published_size() -> None:
    # the program of the published inference model holds 572 441 numbers
    assert count_cost(published_plan(find_entry("ch_ppocr_mobile_v2.0_det"))).parameters == 572_441


def curves(**spans: dict[int, float]) -> Sensitivity:
    return Sensitivity(MappingProxyType({name.replace("__", "."): one for name, one in spans.items()}))


def test_the_cheap_span_is_narrowed_and_the_dear_one_is_not(fresh_detector: StoredNetwork) -> None:
    cost = WidthCost(fresh_detector.plan)
    sensitivity = curves(
        neck__inner={96: 0.0, 48: 0.01},
        backbone__last={480: 0.0, 240: 50.0},
    )
    budget = Budget(parameters=cost.parameters({"neck.inner": 64}), macs=None)
    assert choose_widths(cost, sensitivity, budget, 8) == {"neck.inner": 64}


def test_both_limits_are_kept(fresh_detector: StoredNetwork) -> None:
    cost = WidthCost(fresh_detector.plan)
    sensitivity = curves(
        neck__inner={96: 0.0, 48: 0.3}, neck__p2={24: 0.0, 8: 0.2}, backbone__last={480: 0.0, 240: 0.1}
    )
    budget = Budget(parameters=520_000, macs=0.8)
    widths = choose_widths(cost, sensitivity, budget, 8)
    assert widths is not None
    assert cost.parameters(widths) <= 520_000
    assert cost.macs(widths) <= 0.8 * cost.macs({})
    assert all(width % 8 == 0 for width in widths.values())


def test_what_was_settled_counts_and_stays(fresh_detector: StoredNetwork) -> None:
    cost = WidthCost(fresh_detector.plan)
    sensitivity = curves(neck__inner={96: 0.0, 48: 0.3}, backbone__last={480: 0.0, 240: 0.1})
    budget = Budget(parameters=cost.parameters({"neck.inner": 48}) - 1, macs=None)
    widths = choose_widths(cost, sensitivity, budget, 8, {"neck.inner": 48})
    assert widths == {"neck.inner": 48, "backbone.last": 472}


def test_a_budget_beyond_what_was_measured_cannot_be_reached(fresh_detector: StoredNetwork) -> None:
    cost = WidthCost(fresh_detector.plan)
    sensitivity = curves(neck__inner={96: 0.0, 80: 0.0})
    assert choose_widths(cost, sensitivity, Budget(100_000, None), 8) is None


def test_between_measured_widths_the_loss_grows_evenly() -> None:
    sensitivity = curves(a={64: 0.0, 32: 0.4})
    assert sensitivity.growth("a", 48) == pytest.approx(0.2)
    assert sensitivity.growth("a", 32) == pytest.approx(0.4)
    assert sensitivity.growth("a", 24) == float("inf")
