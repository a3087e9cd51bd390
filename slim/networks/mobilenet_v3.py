"""MobileNetV3 (Howard et al., 2019) as the mobile models use it: for whole pictures, and for text lines.

The tables are those of the paper's section 5.3, with the depth-to-width ratios that PaddleOCR's line
networks take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import paddle
from paddle import nn

from slim.networks.channels import Channels, Ledger, fixed
from slim.networks.layers import SLOPE, Activation, ConvBN, SqueezeExcitation, Stride, make_divisible

RELU: Final = "relu"
HARD: Final = "hard_swish"
_STEM: Final = 16


@dataclass(frozen=True)
class Unit:
    """One inverted residual before scaling: kernel, expanded and resulting channels, stride."""

    kernel: int
    expanded: int
    out: int
    squeeze: bool
    activation: Literal["relu", "hard_swish"]
    stride: int


LARGE: Final = (
    Unit(3, 16, 16, False, RELU, 1),
    Unit(3, 64, 24, False, RELU, 2),
    Unit(3, 72, 24, False, RELU, 1),
    Unit(5, 72, 40, True, RELU, 2),
    Unit(5, 120, 40, True, RELU, 1),
    Unit(5, 120, 40, True, RELU, 1),
    Unit(3, 240, 80, False, HARD, 2),
    Unit(3, 200, 80, False, HARD, 1),
    Unit(3, 184, 80, False, HARD, 1),
    Unit(3, 184, 80, False, HARD, 1),
    Unit(3, 480, 112, True, HARD, 1),
    Unit(3, 672, 112, True, HARD, 1),
    Unit(5, 672, 160, True, HARD, 2),
    Unit(5, 960, 160, True, HARD, 1),
    Unit(5, 960, 160, True, HARD, 1),
)
SMALL: Final = (
    Unit(3, 16, 16, True, RELU, 2),
    Unit(3, 72, 24, False, RELU, 2),
    Unit(3, 88, 24, False, RELU, 1),
    Unit(5, 96, 40, True, HARD, 2),
    Unit(5, 240, 40, True, HARD, 1),
    Unit(5, 240, 40, True, HARD, 1),
    Unit(5, 120, 48, True, HARD, 1),
    Unit(5, 144, 48, True, HARD, 1),
    Unit(5, 288, 96, True, HARD, 2),
    Unit(5, 576, 96, True, HARD, 1),
    Unit(5, 576, 96, True, HARD, 1),
)
UNITS: Final = {"large": LARGE, "small": SMALL}


class ResidualUnit(nn.Layer):
    """Expand, filter each channel, project; added to the input where the shapes allow.

    Args:
        after: Channels out: the same span as ``before`` where the input is added.
    """

    def __init__(
        self,
        ledger: Ledger,
        key: str,
        unit: Unit,
        before: Channels,
        after: Channels,
        *,
        scale: float,
        stride: Stride,
        slope: float = SLOPE,
    ) -> None:
        super().__init__()
        act: Activation = unit.activation
        wide = ledger.span(f"{key}.expand", make_divisible(scale * unit.expanded))
        self._adds = before == after
        self.expand_conv = ConvBN(ledger, f"{key}.expand_conv", before, wide, 1, activation=act)
        self.bottleneck_conv = ConvBN(
            ledger,
            f"{key}.bottleneck_conv",
            wide,
            wide,
            unit.kernel,
            stride=stride,
            depthwise=True,
            activation=act,
        )
        if unit.squeeze:
            self.mid_se = SqueezeExcitation(ledger, f"{key}.mid_se", wide, slope)
        self._squeezes = unit.squeeze
        self.linear_conv = ConvBN(ledger, f"{key}.linear_conv", wide, after, 1, linear=True)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Float32 (N, C, H, W) in; out with its own channels, and smaller by the stride."""
        y = self.bottleneck_conv(self.expand_conv(x))
        if self._squeezes:
            y = self.mid_se(y)
        y = self.linear_conv(y)
        return x + y if self._adds else y


def _channels_after(
    ledger: Ledger, key: str, unit: Unit, before: Channels, scale: float, stride: Stride
) -> Channels:
    """The span a unit writes: that of its input where it adds to it.

    A pair of strides never adds, not even (1, 1): so the published recognizers were trained.
    """
    published = make_divisible(scale * unit.out)
    if stride == 1 and ledger.published.get(before[0].name) == published:
        return before
    return ledger.span(f"{key}.out", published)


class PictureMobileNetV3(nn.Layer):
    """The detection backbone: four maps of 1/4, 1/8, 1/16 and 1/32 of the picture's sides.

    Args:
        ledger: Of the network.
        key: Name of this part in the state dict.
        variant: ``large`` or ``small``.
        scale: Of the table's channels.
        squeeze_excitation: Whether blocks have it where the paper does.
    """

    def __init__(
        self, ledger: Ledger, key: str, *, variant: str, scale: float, squeeze_excitation: bool
    ) -> None:
        super().__init__()
        units = UNITS[variant]
        channels = ledger.span(f"{key}.stem", make_divisible(scale * _STEM))
        self.conv = ConvBN(ledger, f"{key}.conv", fixed(3), channels, 3, stride=2, activation=HARD)
        first_kept = 2 if variant == "large" else 0
        stages: list[list[nn.Layer]] = [[]]
        self.out_channels: list[Channels] = []
        for index, unit in enumerate(units):
            if unit.stride == 2 and index > first_kept:
                self.out_channels.append(channels)
                stages.append([])
            place = f"{key}.stage{len(stages) - 1}.{len(stages[-1])}"
            shape = Unit(**{**vars(unit), "squeeze": unit.squeeze and squeeze_excitation})
            after = _channels_after(ledger, place, unit, channels, scale, unit.stride)
            stages[-1].append(
                ResidualUnit(ledger, place, shape, channels, after, scale=scale, stride=unit.stride)
            )
            channels = after
        last = ledger.span(f"{key}.last", make_divisible(scale * units[-1].expanded))
        place = f"{key}.stage{len(stages) - 1}.{len(stages[-1])}"
        stages[-1].append(ConvBN(ledger, place, channels, last, 1, activation=HARD))
        self.out_channels.append(last)
        self._stages = len(stages)
        for index, stage in enumerate(stages):
            self.add_sublayer(f"stage{index}", nn.Sequential(*stage))

    def forward(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        """Float32 (N, 3, H, W) in, H and W multiples of 32; a list of maps out, large to small."""
        x = self.conv(x)
        maps = []
        for index in range(self._stages):
            x = getattr(self, f"stage{index}")(x)
            maps.append(x)
        return maps


class LineMobileNetV3(nn.Layer):
    """The backbone for text lines: shrinks the height to 1 (of 32) and the width four times.

    Args:
        ledger: Of the network.
        key: Name of this part in the state dict.
        variant: ``large`` or ``small``.
        scale: Of the table's channels.
        strides: Vertical strides of the four blocks that have one; horizontally nothing is lost there.
        slope: Of the hard sigmoids where channels are squeezed.
    """

    def __init__(
        self,
        ledger: Ledger,
        key: str,
        *,
        variant: str,
        scale: float,
        strides: tuple[int, ...],
        slope: float = SLOPE,
    ) -> None:
        super().__init__()
        units = UNITS[variant]
        channels = ledger.span(f"{key}.stem", make_divisible(scale * _STEM))
        self.conv1 = ConvBN(ledger, f"{key}.conv1", fixed(3), channels, 3, stride=2, activation=HARD)
        blocks = []
        vertical = iter(strides)
        for index, unit in enumerate(units):
            place = f"{key}.blocks.{index}"
            stride: Stride = (next(vertical), 1) if unit.stride == 2 else 1
            after = _channels_after(ledger, place, unit, channels, scale, stride)
            blocks.append(
                ResidualUnit(ledger, place, unit, channels, after, scale=scale, stride=stride, slope=slope)
            )
            channels = after
        self.blocks = nn.Sequential(*blocks)
        self.out_channels = ledger.span(f"{key}.last", make_divisible(scale * units[-1].expanded))
        self.conv2 = ConvBN(ledger, f"{key}.conv2", channels, self.out_channels, 1, activation=HARD)
        self.pool = nn.MaxPool2D(2, 2)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Float32 (N, 3, H, W) in; (N, C, H / 32 or so, W / 4) out."""
        return self.pool(self.conv2(self.blocks(self.conv1(x))))
