"""What a network costs: parameters, and multiplications for one input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import paddle
from paddle import nn

from slim.networks.network import build_network
from slim.networks.plan import NetworkPlan, usual_shape

UNUSED = ("head.thresh.",)
"""Parts that are trained and never exported."""


@dataclass(frozen=True)
class Cost:
    """Size of a network as it is exported.

    Attributes:
        parameters: Numbers in the inference model, running means and variances among them.
        macs: Multiply-accumulate operations of convolutions, linear layers and LSTMs for ``shape``.
        shape: Input they were counted for, (1, 3, H, W).
        layers: Operations by layer, in the order of execution.
    """

    parameters: int
    macs: int
    shape: tuple[int, int, int, int]
    layers: Mapping[str, int]


def count_cost(plan: NetworkPlan, shape: tuple[int, int, int, int] | None = None) -> Cost:
    """Count without weights of any meaning: only widths matter.

    Args:
        plan: The network.
        shape: Input (1, 3, H, W); the usual one where None.
    """
    shape = shape or usual_shape(plan)
    network = build_network(plan)
    network.eval()
    layers: dict[str, int] = {}
    for name, layer in network.named_sublayers():
        if isinstance(layer, (nn.Conv2D, nn.Conv2DTranspose, nn.Linear, nn.LSTM)):
            layer.register_forward_post_hook(_counter(name, layers))
    with paddle.no_grad():
        network(paddle.zeros(shape))
    # Paddle's running means and variances are parameters too
    parameters = sum(
        int(np.prod(one.shape)) for name, one in network.named_parameters() if not name.startswith(UNUSED)
    )
    return Cost(parameters, sum(layers.values()), shape, layers)


def _counter(name: str, layers: dict[str, int]) -> Any:
    def count(layer: Any, inputs: Any, output: Any) -> None:
        if isinstance(layer, nn.LSTM):
            steps = int(np.prod(inputs[0].shape[:2]))
            weights = sum(int(np.prod(one.shape)) for one in layer.parameters() if one.ndim == 2)
            macs = steps * weights
        elif isinstance(layer, nn.Linear):
            macs = int(np.prod(output.shape[:-1])) * int(np.prod(layer.weight.shape))
        else:
            # every weight meets every position of the smaller map once
            side = inputs[0] if isinstance(layer, nn.Conv2DTranspose) else output
            macs = int(np.prod(side.shape[2:])) * int(np.prod(layer.weight.shape))
        layers[name] = layers.get(name, 0) + macs

    return count
