"""Narrowing linear spans in their best basis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import paddle
import pytest

from edge.errors import InputError
from slim.networks.cost import count_cost
from slim.networks.network import build_network
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork, read_stored, weights_of
from slim.pipeline.step import StepContext
from slim.pruning.cut import cut, most_important
from slim.pruning.fisher import Moments, span_moments
from slim.pruning.linear import linear_spans
from slim.pruning.subspace import Basis, best_basis, narrow
from slim.pruning.subspace_step import Subspace, parse
from slim.zoo.catalog import find_entry
from tests.step_kit import parsed_step, run_step


def pictures(count: int = 4) -> np.ndarray:
    """Smooth ones: in noise all directions would matter alike."""
    coarse = np.random.default_rng(0).normal(size=(count, 3, 8, 8))
    return np.kron(coarse, np.ones((8, 8))).astype(np.float32)


def probabilities(stored: StoredNetwork) -> np.ndarray:
    network = stored.build()
    network.eval()
    with paddle.no_grad():
        return network(paddle.to_tensor(pictures())).numpy().astype(np.float64)


def divergence(truth: np.ndarray, found: np.ndarray) -> float:
    """Kullback-Leibler divergence of yes-or-no answers, in nats a picture."""
    terms = truth * np.log(truth / found) + (1 - truth) * np.log((1 - truth) / (1 - found))
    return float(terms.sum() / len(truth))


@pytest.fixture(scope="module")
def detector(fresh_detector: StoredNetwork) -> StoredNetwork:
    """With normalizations as training leaves them: none of them does nothing."""
    rng = np.random.default_rng(1)
    weights = dict(fresh_detector.weights)
    for key, value in weights.items():
        if key.endswith((".bn._mean", ".bn.bias")):
            weights[key] = (value + rng.normal(0, 0.1, value.shape)).astype(np.float32)
        elif key.endswith((".bn._variance", ".bn.weight")):
            weights[key] = (value * rng.uniform(0.7, 1.4, value.shape)).astype(np.float32)
    return StoredNetwork(fresh_detector.plan, weights)


@pytest.fixture(scope="module")
def bases(detector: StoredNetwork) -> dict[str, Basis]:
    moments = span_moments(detector.build(), [pictures()], categorical=False, seed=0)
    return {name: best_basis(one) for name, one in moments.items()}


def test_sums_and_the_pyramid_of_the_detector_are_linear(fresh_detector: StoredNetwork) -> None:
    spans = linear_spans(build_network(fresh_detector.plan))
    assert spans.keys() == {
        "backbone.stage0.1.out",
        "backbone.stage1.0.out",
        "backbone.stage2.0.out",
        "backbone.stage2.4.out",
        "backbone.stage3.0.out",
        *(f"neck.{name}" for name in ("inner", "p2", "p3", "p4", "p5")),
    }
    assert {one.layer: (one.start, one.stop) for one in spans["neck.p2"].readers} == {
        "head.binarize.conv1": (72, 96),
        "head.thresh.conv1": (72, 96),
    }
    assert len(spans["neck.inner"].writers) == len(spans["neck.inner"].readers) == 4


@pytest.mark.parametrize(
    ("name", "linear"),
    [
        # sums of residual networks pass an activation
        ("ch_ppocr_server_v2.0_det", {f"neck.{name}" for name in ("inner", "p2", "p3", "p4", "p5")}),
        ("ch_ppocr_server_v2.0_rec", set()),
        ("ch_ppocr_mobile_v2.0_rec", {f"backbone.blocks.{number}.out" for number in (0, 1, 3, 8)}),
    ],
)
def test_linear_spans_of_other_networks(name: str, linear: set[str]) -> None:
    assert linear_spans(build_network(published_plan(find_entry(name)))).keys() == linear


def test_in_another_basis_the_network_is_the_same(detector: StoredNetwork, bases: dict[str, Basis]) -> None:
    turned = narrow(detector, bases, {name: len(basis.cost) for name, basis in bases.items()})
    assert not np.allclose(
        turned.weights["neck.in2_conv.weight"], detector.weights["neck.in2_conv.weight"], atol=0.1
    )
    np.testing.assert_allclose(probabilities(turned), probabilities(detector), atol=2e-5)


def test_less_is_lost_than_by_dropping_channels(detector: StoredNetwork, bases: dict[str, Basis]) -> None:
    widths = {"neck.inner": 48, "neck.p2": 12, "backbone.stage2.4.out": 44}
    truth = probabilities(detector)
    turned = divergence(truth, probabilities(narrow(detector, bases, widths)))
    dropped = divergence(truth, probabilities(cut(detector, most_important(detector, widths, "l1"))))
    assert turned < dropped / 10


def test_the_loss_is_foretold(detector: StoredNetwork, bases: dict[str, Basis]) -> None:
    for name, width in (("neck.inner", 16), ("backbone.stage2.4.out", 16)):
        found = divergence(probabilities(detector), probabilities(narrow(detector, bases, {name: width})))
        assert found == pytest.approx(bases[name].lost(width), rel=0.6)


def test_directions_have_one_size_and_an_order(bases: dict[str, Basis], detector: StoredNetwork) -> None:
    moments = span_moments(detector.build(), [pictures()], categorical=False, seed=0)["neck.p3"]
    basis = bases["neck.p3"]
    assert (np.diff(basis.cost) <= 0).all()
    assert basis.lost(24) == 0.0
    sizes = np.diag(basis.encode @ moments.values @ basis.encode.T)
    np.testing.assert_allclose(sizes[basis.cost > 1e-5 * basis.cost[0]], 1.0, rtol=1e-6)
    np.testing.assert_allclose(basis.encode @ basis.decode, np.eye(24), atol=1e-6)


def test_a_direction_that_does_not_matter_goes_first_however_much_it_spreads() -> None:
    basis = best_basis(Moments(np.diag([100.0, 1.0, 1.0]), np.diag([1e-5, 1.0, 4.0])))
    np.testing.assert_allclose(basis.cost, [2.0, 0.5, 0.0005])
    np.testing.assert_allclose(np.abs(basis.encode).argmax(1), [2, 1, 0])


def test_nothing_that_runs_through_a_span_is_no_reason_to_fail() -> None:
    basis = best_basis(Moments(np.zeros((3, 3)), np.zeros((3, 3))))
    assert np.isfinite(basis.encode).all()
    assert np.isfinite(basis.decode).all()
    assert basis.lost(0) == 0.0


def step(text: str) -> Subspace:
    return parsed_step(parse, "subspace", text)


def run(one: Subspace, context: StepContext, folder: Path) -> Path:
    return run_step(one, context.original, folder, context)


def test_a_budget_chooses_widths(context: StepContext, tmp_path: Path) -> None:
    whole = count_cost(read_stored(context.original).plan)
    notes: list[str] = []
    told = replace(context, progress=lambda _done, _total, note: notes.append(note))
    asked = step("{parameters: 100_000, widths: {backbone.blocks.0.out: 4}}")
    small = read_stored(run(asked, told, tmp_path / "a"))
    cost = count_cost(small.plan)
    assert cost.parameters <= 100_000 < whole.parameters
    assert dict(small.plan.widths)["backbone.blocks.0.out"] == 4
    assert all(width % 4 == 0 for width in dict(small.plan.widths).values())
    assert "nats a picture are lost" in notes[-1]
    assert "at most 100000 parameters" in asked.describe()
    small.build()
    again = run(asked, context, tmp_path / "b")
    for path in sorted(again.iterdir()):
        assert path.read_bytes() == (tmp_path / "a" / "after" / path.name).read_bytes()


def test_an_estimate_leaves_nothing_and_is_a_time(context: StepContext) -> None:
    before = sorted(context.original.iterdir())
    assert 0 < step("{parameters: 100_000}").estimate(context.original, context) < 60
    assert sorted(context.original.iterdir()) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{parameters: 1000}", "cannot be reached by its linear parts alone; allow more"),
        ("{widths: {backbone.last: 8}}", "subspace.widths.backbone.last: is no part"),
        ("{widths: {backbone.blocks.0.out: 400}}", "subspace.widths.backbone.blocks.0.out: is 400"),
    ],
)
def test_what_cannot_be_is_refused(text: str, words: str, context: StepContext, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run(step(text), context, tmp_path / "x")
    assert words in caught.value.one_line()


def test_an_empty_step_is_refused() -> None:
    with pytest.raises(InputError, match="name channels and their new widths"):
        step("{pictures: 16}")


def test_classes_are_drawn_too(classifier_folder: Path) -> None:
    network = read_stored(classifier_folder).build()
    batch = np.random.default_rng(0).normal(size=(4, 3, 48, 192)).astype(np.float32)
    moments = span_moments(network, [batch], categorical=True, seed=0)
    assert set(moments) == set(linear_spans(network))
    for one in moments.values():
        assert np.linalg.eigvalsh(one.fisher)[0] > -1e-6 * np.linalg.eigvalsh(one.fisher)[-1]
        assert np.trace(one.fisher) > 0
    assert not any(
        parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in network.parameters()
    )
    assert weights_of(network).keys() == read_stored(classifier_folder).weights.keys()
