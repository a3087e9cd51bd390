"""Neck and head of the recognition networks, and the head of the angle classifier.

Shi et al., "An End-to-End Trainable Neural Network for Image-based Sequence Recognition", 2015.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.nn import functional as F

from slim.networks.channels import Channels, Ledger, count, fixed


class BiLSTM(nn.Layer):
    """Reads the columns of a map from both sides.

    Args:
        ledger: Of the network.
        key: Name of this part in the state dict.
        before: Channels of the map.
        hidden_size: Of one direction; never narrowed, its four gates share it with its own past.
        layers: How many on top of each other.
    """

    def __init__(self, ledger: Ledger, key: str, before: Channels, *, hidden_size: int, layers: int) -> None:
        super().__init__()
        self.encoder = _Encoder(count(before), hidden_size, layers)
        # Paddle's state dict has every weight twice: of the layer and of its cell
        for name in ("weight_ih_l0", "weight_ih_l0_reverse", "0.cell_fw.weight_ih", "0.cell_bw.weight_ih"):
            ledger.add(f"{key}.encoder.lstm.{name}", 1, before)
        self.out_channels = fixed(2 * hidden_size)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Float32 (N, C, 1, T) in; (N, T, 2 * hidden size) out."""
        return self.encoder(x.squeeze(axis=2).transpose([0, 2, 1]))


class _Encoder(nn.Layer):
    """Only there for the name of its parameters."""

    def __init__(self, before: int, hidden_size: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(before, hidden_size, direction="bidirectional", num_layers=layers)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return self.lstm(x)[0]


class LinearHead(nn.Layer):
    """One fully connected layer ``fc``; probabilities where it does not train, otherwise logits.

    Args:
        ledger: Of the network.
        key: Name of this part in the state dict.
        before: Channels in.
        classes: Width of the output.
        pooled: Whether a map comes in, whose mean is taken first (the angle classifier).
    """

    def __init__(
        self, ledger: Ledger, key: str, before: Channels, classes: int, *, pooled: bool = False
    ) -> None:
        super().__init__()
        self._pooled = pooled
        self.pool = nn.AdaptiveAvgPool2D(1)
        self.fc = nn.Linear(count(before), classes)
        ledger.add(f"{key}.fc.weight", 0, before)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Float32 (N, T, C), or (N, C, H, W) where it is pooled, in; (N, T, classes) or (N, classes) out."""
        if self._pooled:
            x = self.pool(x).flatten(1)
        x = self.fc(x)
        return x if self.training else F.softmax(x, axis=-1)
