"""Learned clipping of activations before they are quantized.

Choi et al., "PACT: Parameterized Clipping Activation for Quantized Neural Networks", 2018. Both
sides are clipped here, since hard-swish and linear outputs are signed.
"""

from __future__ import annotations

from typing import Final

import paddle
from paddle.nn import functional as F

_START: Final = 20.0
"""Above what activations reach in the zoo's networks: clipping begins where it pays."""


class Pact(paddle.nn.Layer):
    """Clips to [-alpha, alpha]; alpha is trained by what it clips."""

    def __init__(self) -> None:
        super().__init__()
        attribute = paddle.ParamAttr(
            name=paddle.utils.unique_name.generate("pact"),
            initializer=paddle.nn.initializer.Constant(_START),
        )
        self.alpha = self.create_parameter(shape=[1], attr=attribute, dtype="float32")

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Any shape in and out."""
        return x - F.relu(x - self.alpha) + F.relu(-self.alpha - x)
