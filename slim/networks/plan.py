"""What a network is to be built from: plain data, written beside its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from slim.zoo.catalog import parse_architecture
from slim.zoo.entry import Architecture, Entry


@dataclass(frozen=True)
class NetworkPlan:
    """Everything that fixes the shapes of a network.

    Attributes:
        architecture: Backbone, neck and head, as in the zoo.
        classes: Width of the output; None for detection.
        input_shape: Channels, height and width of the usual input.
        widths: Widths of spans (:mod:`slim.networks.channels`) that differ from the published ones.
    """

    architecture: Architecture
    classes: int | None
    input_shape: tuple[int, int, int]
    widths: Mapping[str, int] = MappingProxyType({})

    def narrowed(self, widths: Mapping[str, int]) -> NetworkPlan:
        """The same network with other widths; spans that are not named keep theirs."""
        return replace(self, widths=MappingProxyType({**self.widths, **widths}))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "architecture": self.architecture.to_json(),
            "classes": self.classes,
            "input_shape": list(self.input_shape),
            "widths": dict(sorted(self.widths.items())),
        }


def published_plan(entry: Entry) -> NetworkPlan:
    """The network of a zoo model as it was published, before any pruning."""
    return NetworkPlan(entry.architecture, entry.classes.count if entry.classes else None, entry.input_shape)


_OPEN_SIDE: Final = 320


def usual_shape(plan: NetworkPlan) -> tuple[int, int, int, int]:
    """An input (1, 3, H, W) that costs and comparisons refer to; 320 where any side will do."""
    channels, height, width = (size if size > 0 else _OPEN_SIDE for size in plan.input_shape)
    return 1, channels, height, width


def parse_plan(values: Mapping[str, Any]) -> NetworkPlan:
    """The reverse of :meth:`NetworkPlan.to_json`.

    Raises:
        KeyError, TypeError, ValueError: The values are none of a plan.
    """
    channels, height, width = (int(size) for size in values["input_shape"])
    return NetworkPlan(
        parse_architecture(values["architecture"]),
        None if values["classes"] is None else int(values["classes"]),
        (channels, height, width),
        MappingProxyType({str(name): int(one) for name, one in values["widths"].items()}),
    )
