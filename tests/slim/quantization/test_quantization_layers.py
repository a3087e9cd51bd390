"""Layers that can compute in integers, quantizers in a program, channels made equal, weights rounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import ConversionOptions
from deploy_tools.devices.emulated import EmulatedDevice
from edge.predictor.spec import InputSpec
from slim.program.model_files import InferenceModel, read_model, write_model
from slim.quantization.equalization import equalized
from slim.quantization.insertion import with_quantizers
from slim.quantization.layers import CONVOLUTION, DEPTHWISE, LINEAR, channel_scales, layers_of
from slim.quantization.stored_weights import rounded, stored_layers, with_rounded_weights
from slim.reference.engine import PaddleEngine

pytestmark = pytest.mark.embedded

TENSOR = np.random.default_rng(2).uniform(-1, 1, (2, 3, 48, 192)).astype(np.float32)


def outputs(model: InferenceModel, folder: Path) -> np.ndarray:
    folder.mkdir()
    write_model(model, folder)
    return PaddleEngine(folder).run([TENSOR])[0]


def test_layers_of_the_classifier(classifier: Path) -> None:
    layers = layers_of(read_model(classifier))
    kinds = [layer.kind for layer in layers]
    assert [kinds.count(kind) for kind in (CONVOLUTION, DEPTHWISE, LINEAR)] == [42, 11, 1]
    assert layers[0].activation == "x"
    assert len({layer.name for layer in layers}) == len(layers)


def test_products_of_activations_are_no_layers(embedded_models: Path) -> None:
    """Attention multiplies what comes out of the picture with itself."""
    model = read_model(embedded_models / "ch_PP-OCRv4_rec_infer")
    products = [op for op in model.block.ops if op.type == "matmul_v2"]
    linear = [layer for layer in layers_of(model) if layer.kind == LINEAR]
    assert 0 < len(linear) < len(products)
    assert all(layer.weight in model.values for layer in linear)


def test_quantizers_say_what_they_are_told(classifier: Path, tmp_path: Path) -> None:
    """Paddle computes with them, nearly what it did; opt makes integer kernels of them."""
    model = read_model(classifier)
    before = PaddleEngine(classifier).run([TENSOR])[0]
    layers = layers_of(model)
    one = with_quantizers(model, {layers[-1]: 8.0})
    after = outputs(one, tmp_path / "one")
    assert 0 < np.abs(after - before).max() < 0.05
    nb = run_opt(tmp_path / "one", ConversionOptions("arm"), tmp_path / "one.nb")
    assert [op.type for op in nb.ops if op.kernel.precision == "int8" and op.type != "calib"] == ["fc"]
    clipped = outputs(with_quantizers(model, {layers[-1]: 1e-3}), tmp_path / "clipped")
    assert np.abs(clipped - 0.5).max() < 0.1, "hardly anything is left to decide by"


def test_layers_that_quantize_twice_are_none(classifier: Path) -> None:
    model = read_model(classifier)
    assert layers_of(with_quantizers(model, dict.fromkeys(layers_of(model), 1.0))) == []


def test_equal_channels_change_nothing_else(classifier: Path, tmp_path: Path) -> None:
    model = read_model(classifier)
    same = equalized(model)
    changed = {name for name in model.values if not np.array_equal(model.values[name], same.values[name])}
    assert len(changed) == 9, "scale and bias of three batch norms, and the filters behind them"
    before = PaddleEngine(classifier).run([TENSOR])[0]
    assert np.abs(outputs(same, tmp_path / "same") - before).max() < 1e-4


@pytest.mark.parametrize(("axis", "bits"), [(0, 8), (1, 8), (0, 16)])
def test_rounded_weights(axis: int, bits: int) -> None:
    weight = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    weight[:, 2] = 0
    found = rounded(weight, axis, bits)
    step = channel_scales(weight, axis) / (2 ** (bits - 1) - 1)
    step = step[:, None] if axis == 0 else step[None, :]
    assert np.all(np.abs(found - weight) <= step / 2 * 1.001)
    assert np.array_equal(rounded(found, axis, bits), found), "what is rounded stays"
    assert found.dtype == np.float32


@pytest.mark.parametrize("bits", [8, 16])
def test_rounded_weights_stay_what_they_are(classifier: Path, bits: int) -> None:
    """So opt finds the same integers in them."""
    model = with_rounded_weights(read_model(classifier), bits)
    layers = stored_layers(model)
    assert len(layers) == 42, "one convolution was merged"
    again = with_rounded_weights(model, bits)
    assert all(np.array_equal(model.values[one.weight], again.values[one.weight]) for one in layers)
    before = read_model(classifier)
    assert all(DEPTHWISE in layer.kind for layer in layers_of(model) if layer not in layers)
    assert not np.array_equal(before.values[layers[0].weight], model.values[layers[0].weight])


@pytest.mark.arm
@pytest.mark.parametrize("bits", [8, 16])
def test_an_arm_library_computes_what_paddle_does(classifier: Path, tmp_path: Path, bits: int) -> None:
    model = with_rounded_weights(read_model(classifier), bits)
    expected = outputs(model, tmp_path / "rounded")
    options = ConversionOptions("arm", weights="int8" if bits == 8 else "int16")
    nb = run_opt(tmp_path / "rounded", options, tmp_path / "model.nb")
    with EmulatedDevice().open_nb(nb.path, nb, InputSpec(TENSOR.shape), force=True) as predictor:
        (output,) = predictor.run([TENSOR])
    assert np.abs(output - expected).max() < 1e-4
