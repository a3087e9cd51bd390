"""Layers the networks share. Names of parameters are those of PaddleOCR's checkpoints (release/2.0)."""

from __future__ import annotations

from typing import Literal

import paddle
from paddle import nn
from paddle.nn import functional as F

from slim.networks.channels import Channels, Ledger, count
from slim.networks.normalization import ARRAYS

Activation = Literal["relu", "hard_swish"] | None
Stride = int | tuple[int, int]
SQUEEZE = 4
"""A squeeze-and-excitation block has a quarter of the channels in its middle (MobileNetV3, section 5.3)."""

SLOPE = 0.2
"""Of the hard sigmoid in these blocks, as PaddleOCR trains them; the paper's is 1/6."""


def make_divisible(value: float, divisor: int = 8) -> int:
    """Round a scaled width to a multiple of 8, losing at most 10 % (MobileNetV2's reference code)."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def activate(x: paddle.Tensor, activation: Activation) -> paddle.Tensor:
    """Apply an activation by its name."""
    if activation == "relu":
        return F.relu(x)
    return F.hardswish(x) if activation == "hard_swish" else x


class Convolution(nn.Conv2D):
    """A convolution, dense or depthwise, that notes its channels in the ledger.

    Args:
        ledger: Of the network.
        key: Name of this layer in the state dict.
        before: Channels in.
        after: Channels out; the very same as ``before`` for a depthwise convolution.
        kernel: Side of the kernel.
        stride: Of both axes, or vertical and horizontal.
        depthwise: One filter a channel.
        bias: Whether it has one.
        norm: Key of the batch normalization that follows; empty where none does.
        linear: Whether no activation follows, on no way to whoever reads its channels.
    """

    def __init__(
        self,
        ledger: Ledger,
        key: str,
        before: Channels,
        after: Channels,
        kernel: int,
        *,
        stride: Stride = 1,
        depthwise: bool = False,
        bias: bool = False,
        norm: str = "",
        linear: bool = False,
    ) -> None:
        super().__init__(
            count(before),
            count(after),
            kernel,
            stride=stride,
            padding=(kernel - 1) // 2,
            groups=count(after) if depthwise else 1,
            bias_attr=None if bias else False,
        )
        ledger.add(f"{key}.weight", 0, after, writes=not depthwise, norm=norm, linear=linear)
        if not depthwise:
            ledger.add(f"{key}.weight", 1, before)
        if bias:
            ledger.add(f"{key}.bias", 0, after)


class Normalization(nn.BatchNorm):
    """Batch normalization that notes its channels in the ledger."""

    def __init__(self, ledger: Ledger, key: str, channels: Channels) -> None:
        super().__init__(count(channels))
        for name in ARRAYS:
            ledger.add(f"{key}.{name}", 0, channels)


class ConvBN(nn.Layer):
    """Convolution, batch normalization, activation; parameters ``conv`` and ``bn``.

    Arguments as in :class:`Convolution`.
    """

    def __init__(
        self,
        ledger: Ledger,
        key: str,
        before: Channels,
        after: Channels,
        kernel: int,
        *,
        stride: Stride = 1,
        depthwise: bool = False,
        activation: Activation = None,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = Convolution(
            ledger,
            f"{key}.conv",
            before,
            after,
            kernel,
            stride=stride,
            depthwise=depthwise,
            norm=f"{key}.bn",
            linear=linear,
        )
        self.bn = Normalization(ledger, f"{key}.bn", after)
        self._activation = activation

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Float32 (N, C, H, W) in and out."""
        return activate(self.bn(self.conv(x)), self._activation)


class SqueezeExcitation(nn.Layer):
    """Scales channels by what the whole picture says of them (Hu et al., 2018), hard as in MobileNetV3.

    Args:
        ledger: Of the network.
        key: Name of this layer in the state dict.
        channels: In and out.
        slope: Of the hard sigmoid.
    """

    def __init__(self, ledger: Ledger, key: str, channels: Channels, slope: float = SLOPE) -> None:
        super().__init__()
        self._slope = slope
        middle = ledger.span(f"{key}.middle", _published_width(ledger, channels) // SQUEEZE)
        self.avg_pool = nn.AdaptiveAvgPool2D(1)
        self.conv1 = Convolution(ledger, f"{key}.conv1", channels, middle, 1, bias=True)
        self.conv2 = Convolution(ledger, f"{key}.conv2", middle, channels, 1, bias=True)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Float32 (N, C, H, W) in and out."""
        scale = self.conv2(F.relu(self.conv1(self.avg_pool(x))))
        return x * F.hardsigmoid(scale, slope=self._slope, offset=0.5)


def _published_width(ledger: Ledger, channels: Channels) -> int:
    return sum(ledger.published.get(span.name, span.width) for span in channels)
