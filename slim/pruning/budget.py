"""Parameters and operations of a network as a function of its widths, without building it again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from slim.networks.channels import Channels
from slim.networks.cost import UNUSED, count_cost
from slim.networks.network import build_network
from slim.networks.plan import NetworkPlan


@dataclass(frozen=True)
class _Weight:
    """One array of the state dict: sizes of its axes, some of which are channels."""

    fixed: int
    axes: tuple[Channels, ...]
    uses: int


class WidthCost:
    """Costs of all networks that differ from one in their widths alone.

    Args:
        plan: The network.
    """

    def __init__(self, plan: NetworkPlan) -> None:
        network = build_network(plan)
        layers = count_cost(plan).layers
        self.widths: Mapping[str, int] = network.ledger.widths
        by_key: dict[str, dict[int, Channels]] = {}
        for site in network.ledger.sites:
            by_key.setdefault(site.key, {})[site.axis] = site.channels
        self._weights: list[_Weight] = []
        for key, one in network.named_parameters():
            if key.startswith(UNUSED):
                continue
            axes = by_key.get(key, {})
            others = [size for axis, size in enumerate(one.shape) if axis not in axes]
            layer, _, name = key.rpartition(".")
            # every number of a filter is used equally often, at every place of the map
            size = math.prod(one.shape)
            uses = layers.get(layer, 0) // size if name == "weight" and len(one.shape) > 1 else 0
            self._weights.append(_Weight(math.prod(others), tuple(axes.values()), uses))

    def parameters(self, widths: Mapping[str, int]) -> int:
        """Numbers in the inference model.

        Args:
            widths: By span; those not named are as they were.
        """
        return sum(self._size(one, widths) for one in self._weights)

    def macs(self, widths: Mapping[str, int]) -> int:
        """Multiply-accumulate operations of convolutions and linear layers, for the usual input."""
        return sum(self._size(one, widths) * one.uses for one in self._weights)

    @staticmethod
    def _size(weight: _Weight, widths: Mapping[str, int]) -> int:
        sizes = (_width(channels, widths) for channels in weight.axes)
        return weight.fixed * math.prod(sizes)


def _width(channels: Channels, widths: Mapping[str, int]) -> int:
    return sum(widths.get(span.name, span.width) for span in channels)
