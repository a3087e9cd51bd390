"""ResNet-vd of the server models (He et al., "Bag of Tricks for Image Classification", 2019, figure 2)."""

from __future__ import annotations

from typing import Final

import paddle
from paddle import nn
from paddle.nn import functional as F

from slim.networks.channels import Channels, Ledger, fixed
from slim.networks.layers import Activation, Convolution, Normalization, Stride, activate

DEPTHS: Final = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
_WIDTHS: Final = (64, 128, 256, 512)
_STEM: Final = (32, 32, 64)


class _ConvNorm(nn.Layer):
    """Convolution, batch normalization, activation; parameters ``_conv`` and ``_batch_norm``.

    Args:
        pool: A mean over this window comes before a convolution without stride (the shortcut of ResNet-vd).
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
        pool: Stride | None = None,
        activation: Activation = None,
    ) -> None:
        super().__init__()
        self._pool2d_avg = nn.AvgPool2D(pool, pool, 0, ceil_mode=True) if pool is not None else None
        self._conv = Convolution(
            ledger, f"{key}._conv", before, after, kernel, stride=stride, norm=f"{key}._batch_norm"
        )
        self._batch_norm = Normalization(ledger, f"{key}._batch_norm", after)
        self._activation = activation

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        if self._pool2d_avg is not None:
            x = self._pool2d_avg(x)
        return activate(self._batch_norm(self._conv(x)), self._activation)


class _BasicBlock(nn.Layer):
    """Two 3x3 convolutions and a shortcut, which has weights where channels change or a stage begins."""

    def __init__(
        self,
        ledger: Ledger,
        key: str,
        before: Channels,
        after: Channels,
        *,
        stride: Stride,
        pooled: bool,
    ) -> None:
        super().__init__()
        middle = ledger.span(f"{key}.middle", ledger.published[after[0].name])
        self.conv0 = _ConvNorm(ledger, f"{key}.conv0", before, middle, 3, stride=stride, activation="relu")
        self.conv1 = _ConvNorm(ledger, f"{key}.conv1", middle, after, 3)
        self._adds = before == after
        if not self._adds:
            pool, own = (stride, 1) if pooled else (None, stride)
            self.short = _ConvNorm(ledger, f"{key}.short", before, after, 1, stride=own, pool=pool)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        y = self.conv1(self.conv0(x))
        return F.relu(y + (x if self._adds else self.short(x)))


class _ResNet(nn.Layer):
    """Stem and four stages.

    Args:
        shrink_width: Whether stages halve the width as they do the height; text lines keep it.
        stem_stride: Of the first convolution.
    """

    def __init__(
        self, ledger: Ledger, key: str, *, layers: int, shrink_width: bool, stem_stride: int
    ) -> None:
        super().__init__()
        channels = fixed(3)
        for index, published in enumerate(_STEM, start=1):
            after = ledger.span(f"{key}.stem{index}", published)
            stride = stem_stride if index == 1 else 1
            place = f"{key}.conv1_{index}"
            stem = _ConvNorm(ledger, place, channels, after, 3, stride=stride, activation="relu")
            self.add_sublayer(f"conv1_{index}", stem)
            channels = after
        self.pool2d_max = nn.MaxPool2D(3, 2, 1)
        self._blocks: list[list[str]] = []
        self.stage_channels: list[Channels] = []
        for stage, (depth, published) in enumerate(zip(DEPTHS[layers], _WIDTHS, strict=True)):
            self._blocks.append([])
            after = ledger.span(f"{key}.stage{stage}", published)
            for index in range(depth):
                shrinks = stage > 0 and index == 0
                step: Stride = ((2, 2) if shrink_width else (2, 1)) if shrinks else 1
                name = f"bb_{stage}_{index}"
                block = _BasicBlock(
                    ledger, f"{key}.{name}", channels, after, stride=step, pooled=stage > 0 and index == 0
                )
                self.add_sublayer(name, block)
                self._blocks[-1].append(name)
                channels = after
            self.stage_channels.append(channels)

    def _maps(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        x = self.pool2d_max(self.conv1_3(self.conv1_2(self.conv1_1(x))))
        maps = []
        for names in self._blocks:
            for name in names:
                x = getattr(self, name)(x)
            maps.append(x)
        return maps


class PictureResNet(_ResNet):
    """The detection backbone: four maps of 1/4, 1/8, 1/16 and 1/32 of the picture's sides."""

    def __init__(self, ledger: Ledger, key: str, *, layers: int) -> None:
        super().__init__(ledger, key, layers=layers, shrink_width=True, stem_stride=2)
        self.out_channels = self.stage_channels

    def forward(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        """Float32 (N, 3, H, W) in, H and W multiples of 32; a list of maps out, large to small."""
        return self._maps(x)


class LineResNet(_ResNet):
    """The backbone for text lines: shrinks the height to 1 (of 32) and the width four times."""

    def __init__(self, ledger: Ledger, key: str, *, layers: int) -> None:
        super().__init__(ledger, key, layers=layers, shrink_width=False, stem_stride=1)
        self.out_channels = self.stage_channels[-1]
        self.out_pool = nn.MaxPool2D(2, 2)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Float32 (N, 3, H, W) in; (N, C, H / 32, W / 4) out."""
        return self.out_pool(self._maps(x)[-1])
