"""Rounding weights by what changes in a layer's output."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from slim.program.program import Op, wholes_attribute
from slim.quantization.compensation import Moments, compensated
from slim.quantization.layers import CONVOLUTION, LINEAR, Layer, channel_scales
from slim.quantization.stored_weights import rounded


def correlated(count: int, channels: int) -> np.ndarray:
    """Inputs of a layer whose channels go together, as in networks."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(count, 3)) @ rng.normal(size=(3, channels)) + 0.1 * rng.normal(
        size=(count, channels)
    )


@pytest.mark.parametrize("axis", [0, 1])
def test_the_output_changes_less(axis: int) -> None:
    inputs = correlated(500, 24)
    weight = np.random.default_rng(1).normal(size=(16, 24)).astype(np.float32)
    given = weight if axis == 0 else np.ascontiguousarray(weight.T)
    found = compensated(given, axis, 8, inputs.T @ inputs)
    assert (found.shape, found.dtype) == (given.shape, np.float32)

    def change(rounded_weight: np.ndarray) -> float:
        flat = rounded_weight if axis == 0 else rounded_weight.T
        return float(np.square(inputs @ (flat - weight).T).mean())

    assert change(found) < 0.3 * change(rounded(given, axis, 8))
    assert np.array_equal(rounded(found, axis, 8), found), "opt finds these integers"
    np.testing.assert_allclose(channel_scales(found, axis), channel_scales(given, axis), rtol=1e-6)


def test_channels_that_are_always_zero() -> None:
    weight = np.random.default_rng(1).normal(size=(4, 6)).astype(np.float32)
    weight[2] = 0
    found = compensated(weight, 0, 8, np.zeros((6, 6)))
    np.testing.assert_allclose(found, rounded(weight, 0, 8), atol=1e-6)


@pytest.mark.parametrize(
    ("strides", "padding", "dilations"),
    [((1, 1), (0, 0), (1, 1)), ((2, 1), (1, 2), (1, 1)), ((1, 2), (1, 0, 2, 1), (2, 1))],
)
def test_what_a_convolution_multiplies_with(
    strides: tuple[int, int], padding: tuple[int, ...], dilations: tuple[int, int]
) -> None:
    """Summed squares of its output follow from the moments: found by Paddle, and by them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import paddle
        from paddle.nn import functional as F

    rng = np.random.default_rng(2)
    picture = rng.normal(size=(1, 3, 9, 11)).astype(np.float32)
    weight = rng.normal(size=(4, 3, 3, 2)).astype(np.float32)
    attributes = {"strides": strides, "paddings": padding, "dilations": dilations}
    op = Op("conv2d", {}, {}, tuple(wholes_attribute(*one) for one in attributes.items()))
    moments = Moments(Layer("y", CONVOLUTION, 0, "x", "w", ("Input", "Filter"), 0), op, weight)
    moments.add(picture)
    output = F.conv2d(
        paddle.to_tensor(picture),
        paddle.to_tensor(weight),
        stride=list(strides),
        padding=list(padding),
        dilation=list(dilations),
    ).numpy()
    rows = weight.reshape(4, -1)
    expected = np.square(output).sum(axis=(0, 2, 3))
    np.testing.assert_allclose(np.einsum("oi,ij,oj->o", rows, moments.products, rows), expected, rtol=1e-3)


def test_what_a_linear_layer_multiplies_with() -> None:
    steps = np.random.default_rng(3).normal(size=(2, 7, 5)).astype(np.float32)
    weight = np.zeros((5, 4), np.float32)
    moments = Moments(Layer("y", LINEAR, 0, "x", "w", ("X", "Y"), 1), Op("mul", {}, {}, ()), weight)
    moments.add(steps)
    rows = steps.reshape(-1, 5)
    np.testing.assert_allclose(moments.products, rows.T @ rows, rtol=1e-5)
