"""Networks trained to compute in integers: what is exported is what was trained, and opt takes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import paddle
import pytest

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import conversion_options
from edge.predictor.spec import InputSpec
from slim.networks.network import build_network
from slim.networks.plan import NetworkPlan, published_plan
from slim.networks.stored import StoredNetwork, read_stored, weights_of, write_stored
from slim.quantization.aware import export_quantized
from slim.quantization.pact import Pact
from slim.reference.predictor import PaddlePredictor
from slim.training.student import Student
from slim.zoo.catalog import find_entry

SHAPES = {"ch_ppocr_mobile_v2.0_cls": (2, 3, 48, 192), "en_number_mobile_v2.0_rec": (2, 3, 32, 160)}


def trained(plan: NetworkPlan, folder: Path, shape: tuple[int, ...]) -> tuple[object, np.ndarray]:
    """A quantized network that has seen a few pictures, and pictures."""
    weights = weights_of(build_network(plan, seed=2))
    # fresh weights tell classes hardly apart
    weights["head.fc.weight"] = weights["head.fc.weight"] * 40
    write_stored(StoredNetwork(plan, weights), folder)
    network = Student(folder, quantized=True).build()
    pictures = np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)
    for _ in range(2):
        network(paddle.to_tensor(pictures))
    network.eval()
    return network, pictures


@pytest.mark.parametrize("name", list(SHAPES))
def test_the_export_computes_what_was_trained(name: str, tmp_path: Path) -> None:
    plan = published_plan(find_entry(name))
    (stored := tmp_path / "stored").mkdir()
    (exported := tmp_path / "exported").mkdir()
    network, pictures = trained(plan, stored, SHAPES[name])
    with paddle.no_grad():
        expected = network(paddle.to_tensor(pictures)).numpy()  # type: ignore[operator]
        plain = read_stored(stored).build()
        plain.eval()
        unquantized = plain(paddle.to_tensor(pictures)).numpy()
    export_quantized(plan, weights_of(network), exported)
    assert sorted(path.name for path in exported.iterdir()) == ["inference.pdiparams", "inference.pdmodel"]
    with PaddlePredictor(exported, [InputSpec(tuple(-1 for _ in pictures.shape))]) as predictor:
        (output,) = predictor.run([pictures])
    # a rounding may fall the other way
    np.testing.assert_allclose(output, expected, atol=2e-3)
    assert np.abs(expected - unquantized).max() > 1e-6
    nb = run_opt(exported, conversion_options("arm"), tmp_path / "model.nb")
    assert nb.precision == "int8"
    convolutions = [op for op in nb.ops if op.type in ("conv2d", "depthwise_conv2d", "fc")]
    assert {op.kernel.precision for op in convolutions} == {"int8"}
    assert not [op.type for op in nb.ops if op.type == "reshape2"], "biases are fused into convolutions"
    rnn = [op for op in nb.ops if op.type == "rnn"]
    assert [op.kernel.precision for op in rnn] == (["float"] if plan.architecture.neck else [])


def test_the_export_gives_the_same_bytes_every_time(tmp_path: Path) -> None:
    name = "ch_ppocr_mobile_v2.0_cls"
    plan = published_plan(find_entry(name))
    (stored := tmp_path / "stored").mkdir()
    network, _ = trained(plan, stored, SHAPES[name])
    weights = weights_of(network)
    files = []
    for number in range(2):
        (folder := tmp_path / str(number)).mkdir()
        export_quantized(plan, weights, folder)
        files.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert files[0] == files[1]


def test_clipping_is_trained_by_what_it_clips() -> None:
    clip = Pact()
    x = paddle.to_tensor(np.array([-30.0, -2.0, 5.0, 25.0], np.float32))
    y = clip(x)
    np.testing.assert_allclose(y.numpy(), [-20, -2, 5, 20])
    y.sum().backward()
    np.testing.assert_allclose(clip.alpha.grad.numpy(), [0.0])  # one clipped on each side: they cancel out
    clip.alpha.clear_gradient()
    clip(paddle.to_tensor(np.array([25.0, 30.0, 1.0], np.float32))).sum().backward()
    np.testing.assert_allclose(clip.alpha.grad.numpy(), [2.0])
