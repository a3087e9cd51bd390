"""Which channels of a network belong together, and where in the weights they lie.

Layers are built from *channels* rather than from numbers: every span of channels has a name, layers that
must agree (a residual sum, a depthwise convolution and what stands around it) share it, and a layer that
reads a concatenation reads several spans. So the places to cut when a span gets narrower are known from
building the network; nothing is traced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

FIXED: Final = ""
"""Name of spans that nobody may narrow: pictures, maps, classes."""


@dataclass(frozen=True)
class Span:
    """Channels that are kept or dropped one by one, at the same time in every layer that knows them.

    Attributes:
        name: Such as ``backbone.stage1.0.expand``; ``FIXED`` where the count is given from outside.
        width: How many.
    """

    name: str
    width: int


Channels = tuple[Span, ...]


def count(channels: Channels) -> int:
    """How many channels these are."""
    return sum(span.width for span in channels)


def fixed(width: int) -> Channels:
    """Channels whose number is given from outside."""
    return (Span(FIXED, width),)


@dataclass(frozen=True)
class Site:
    """One axis of one weight that runs over channels.

    Attributes:
        key: Name of the weight in the state dict.
        axis: Of the weight.
        channels: What the axis runs over.
        writes: Whether this weight computes the channels (a filter), rather than reads or scales them.
        norm: Key of the batch normalization that follows the filters; empty where none does.
        linear: Whether what this weight writes reaches everyone who reads it without an activation.
    """

    key: str
    axis: int
    channels: Channels
    writes: bool = False
    norm: str = ""
    linear: bool = False


class Ledger:
    """Collects, while a network is built, the spans and the sites of its weights.

    Args:
        widths: Widths other than the published ones, by the name of the span.
    """

    def __init__(self, widths: Mapping[str, int] = MappingProxyType({})) -> None:
        self._asked = dict(widths)
        self._published: dict[str, int] = {}
        self._sites: list[Site] = []

    def span(self, name: str, published: int) -> Channels:
        """A new span, of its published width where none was asked for."""
        if name in self._published:
            raise AssertionError(f"two spans are called {name}")
        self._published[name] = published
        return (Span(name, self._asked.get(name, published)),)

    def add(
        self,
        key: str,
        axis: int,
        channels: Channels,
        *,
        writes: bool = False,
        norm: str = "",
        linear: bool = False,
    ) -> None:
        """Note that an axis of a weight runs over channels; arguments as in :class:`Site`."""
        self._sites.append(Site(key, axis, channels, writes, norm, linear))

    @property
    def published(self) -> Mapping[str, int]:
        """Widths of the published network, by the name of the span."""
        return MappingProxyType(self._published)

    @property
    def widths(self) -> Mapping[str, int]:
        """Widths as built."""
        return MappingProxyType(
            {name: self._asked.get(name, width) for name, width in self._published.items()}
        )

    @property
    def sites(self) -> tuple[Site, ...]:
        """All sites, in the order of building."""
        return tuple(self._sites)

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Names among these that no span has."""
        return sorted(set(names) - set(self._published))
