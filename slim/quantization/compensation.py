"""Rounding weights so that a layer's output changes little, not each weight by itself.

What rounding one weight changes, the weights of the channels that go with it take back before they are
rounded themselves. Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
Transformers", 2022.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from slim.program.parameters import Values
from slim.program.program import Op
from slim.quantization.layers import CONVOLUTION, Layer

_DAMPING: Final = 0.01
"""Share of the mean second moment that is added to each: channels that hardly vary are not trusted."""
_SAMPLE: Final = 2000
"""Places of one picture that are looked at."""


class Moments:
    """Second moments of what a layer multiplies its weights with.

    Args:
        layer: The layer.
        op: Its op.
        weight: Its weight.
    """

    def __init__(self, layer: Layer, op: Op, weight: Values) -> None:
        self._layer, self._op, self._kernel = layer, op, weight.shape[2:]
        inputs = int(np.prod(weight.shape)) // weight.shape[layer.axis]
        self.products = np.zeros((inputs, inputs))

    def add(self, activation: npt.NDArray[Any]) -> None:
        """Look at what came in for one picture."""
        if self._layer.kind == CONVOLUTION:
            rows = _patches(activation, self._kernel, self._op)
        else:
            rows = activation.reshape(-1, activation.shape[-1])
        rows = rows[:: max(1, len(rows) // _SAMPLE) | 1].astype(np.float64)
        self.products += rows.T @ rows


def _patches(activation: npt.NDArray[Any], kernel: tuple[int, ...], op: Op) -> npt.NDArray[Any]:
    """What a convolution sees at each place: (places, channels * height * width)."""
    strides, dilations, padding = (op.value(name) for name in ("strides", "dilations", "paddings"))
    assert isinstance(strides, tuple)  # noqa: S101  (as every convolution says)
    assert isinstance(dilations, tuple)  # noqa: S101
    assert isinstance(padding, tuple)  # noqa: S101
    top, bottom, left, right = padding if len(padding) == 4 else (padding[0],) * 2 + (padding[1],) * 2
    padded = np.pad(activation, ((0, 0), (0, 0), (top, bottom), (left, right)))
    reach = tuple((size - 1) * step + 1 for size, step in zip(kernel, dilations, strict=True))
    seen: Any = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))  # type: ignore[call-overload]
    seen = seen[:, :, :: strides[0], :: strides[1], :: dilations[0], :: dilations[1]]
    places = seen.transpose(0, 2, 3, 1, 4, 5).reshape(-1, activation.shape[1] * kernel[0] * kernel[1])
    return np.asarray(places)


def compensated(weight: Values, axis: int, bits: int, products: npt.NDArray[np.float64]) -> Values:
    """A weight rounded to integers of some width, and back: float32 of the same shape.

    The largest magnitude of every output channel stays what it was: it says what the integers mean.

    Args:
        weight: Of a convolution (out, in, height, width), or of a linear layer (in, out).
        axis: Of the output channels.
        bits: Of an integer.
        products: Second moments of the inputs, as of :class:`Moments`.
    """
    rows = np.moveaxis(weight, axis, 0).reshape(weight.shape[axis], -1).astype(np.float64)
    levels = 2 ** (bits - 1) - 1
    largest = np.abs(rows).argmax(axis=1)
    scale = np.abs(rows).max(axis=1) / levels
    scale[scale == 0] = 1.0
    ends = np.sign(rows[np.arange(len(rows)), largest]) * levels
    damped = products + np.eye(len(products)) * (_DAMPING * np.trace(products) / len(products) + 1e-12)
    order = np.argsort(-np.diag(damped), kind="stable")  # what matters most is rounded first
    factor = np.linalg.cholesky(np.linalg.inv(damped[np.ix_(order, order)])).T
    left = rows[:, order]
    steps = np.empty_like(left)
    for place, column in enumerate(order):
        whole = np.clip(np.rint(left[:, place] / scale), -levels, levels)
        whole = np.where(largest == column, ends, whole)
        steps[:, place] = whole
        error = (left[:, place] - whole * scale) / factor[place, place]
        left[:, place + 1 :] -= np.outer(error, factor[place, place + 1 :])
    found = np.empty_like(rows)
    found[:, order] = steps * scale[:, None]
    moved = np.moveaxis(weight, axis, 0).shape
    return np.ascontiguousarray(np.moveaxis(found.reshape(moved), 0, axis), np.float32)
