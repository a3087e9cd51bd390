"""Neck and head of the detection networks.

Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", 2020.
"""

from __future__ import annotations

from collections.abc import Sequence

import paddle
from paddle import nn
from paddle.nn import functional as F

from slim.networks.channels import Channels, Ledger, count, fixed
from slim.networks.layers import Convolution, Normalization

_PARTS = 4


class DBFPN(nn.Layer):
    """Feature pyramid: brings four maps to one size and lays them side by side.

    Args:
        ledger: Of the network.
        key: Name of this part in the state dict.
        before: Channels of the four maps, large to small.
        channels: Published width of the sums; a quarter of it comes from each map in the end.
    """

    def __init__(self, ledger: Ledger, key: str, before: Sequence[Channels], channels: int) -> None:
        super().__init__()
        inner = ledger.span(f"{key}.inner", channels)
        for level, one in zip((2, 3, 4, 5), before, strict=True):
            entry = Convolution(ledger, f"{key}.in{level}_conv", one, inner, 1, linear=True)
            self.add_sublayer(f"in{level}_conv", entry)
        parts = {}
        for level in (5, 4, 3, 2):
            parts[level] = ledger.span(f"{key}.p{level}", channels // _PARTS)
            part = Convolution(ledger, f"{key}.p{level}_conv", inner, parts[level], 3, linear=True)
            self.add_sublayer(f"p{level}_conv", part)
        self.out_channels: Channels = parts[5] + parts[4] + parts[3] + parts[2]

    def forward(self, maps: Sequence[paddle.Tensor]) -> paddle.Tensor:
        """Maps of 1/4, 1/8, 1/16 and 1/32 in; one of 1/4 out."""
        c2, c3, c4, c5 = maps
        sum5 = self.in5_conv(c5)
        sum4 = self.in4_conv(c4) + _enlarge(sum5, 2)
        sum3 = self.in3_conv(c3) + _enlarge(sum4, 2)
        sum2 = self.in2_conv(c2) + _enlarge(sum3, 2)
        return paddle.concat(
            [
                _enlarge(self.p5_conv(sum5), 8),
                _enlarge(self.p4_conv(sum4), 4),
                _enlarge(self.p3_conv(sum3), 2),
                self.p2_conv(sum2),
            ],
            axis=1,
        )


def _enlarge(x: paddle.Tensor, times: int) -> paddle.Tensor:
    return F.interpolate(x, scale_factor=times, mode="nearest", align_mode=1)


class MapHead(nn.Layer):
    """Turns features of 1/4 of the picture's sides into one map of its size."""

    def __init__(self, ledger: Ledger, key: str, before: Channels, published: int) -> None:
        super().__init__()
        first = ledger.span(f"{key}.1", published)
        second = ledger.span(f"{key}.2", published)
        self.conv1 = Convolution(ledger, f"{key}.conv1", before, first, 3, norm=f"{key}.conv_bn1")
        self.conv_bn1 = Normalization(ledger, f"{key}.conv_bn1", first)
        self.conv2 = Deconvolution(ledger, f"{key}.conv2", first, second, norm=f"{key}.conv_bn2")
        self.conv_bn2 = Normalization(ledger, f"{key}.conv_bn2", second)
        self.conv3 = Deconvolution(ledger, f"{key}.conv3", second, fixed(1))

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Float32 (N, C, H / 4, W / 4) in; (N, 1, H, W), before the sigmoid, out."""
        _, second = self.hidden(x)
        return self.conv3(second)

    def hidden(self, x: paddle.Tensor) -> tuple[paddle.Tensor, paddle.Tensor]:
        """What the two layers before the map give: of the features' size, and of twice that."""
        first = F.relu(self.conv_bn1(self.conv1(x)))
        return first, F.relu(self.conv_bn2(self.conv2(first)))


class Deconvolution(nn.Conv2DTranspose):
    """A transposed convolution that doubles both sides, and notes its channels in the ledger."""

    def __init__(self, ledger: Ledger, key: str, before: Channels, after: Channels, norm: str = "") -> None:
        super().__init__(count(before), count(after), 2, stride=2)
        ledger.add(f"{key}.weight", 0, before)
        ledger.add(f"{key}.weight", 1, after, writes=True, norm=norm)
        ledger.add(f"{key}.bias", 0, after)


class DBHead(nn.Layer):
    """Probability and threshold maps, and in training the differentiable binarization of both.

    Args:
        ledger: Of the network.
        key: Name of this part in the state dict.
        before: Channels of the features.
        published: Published width of the heads' middle.
        k: Steepness of the binarization (the paper's equation 2).
    """

    def __init__(self, ledger: Ledger, key: str, before: Channels, published: int, k: float) -> None:
        super().__init__()
        self._k = k
        self.binarize = MapHead(ledger, f"{key}.binarize", before, published)
        self.thresh = MapHead(ledger, f"{key}.thresh", before, published)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Features in; probabilities (N, 1, H, W) out; in training two more maps behind them."""
        shrunk = F.sigmoid(self.binarize(x))
        if not self.training:
            return shrunk
        threshold = F.sigmoid(self.thresh(x))
        binary = F.sigmoid(self._k * (shrunk - threshold))
        return paddle.concat([shrunk, threshold, binary], axis=1)
