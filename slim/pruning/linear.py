"""Which spans of a network are linear: written and read by convolutions with nothing in between.

Such a span may be seen in any other basis: what its writers give can be multiplied by a matrix, and what its
readers expect by the inverse, and the network is the same. Sums of linear bottlenecks (Sandler et al.,
MobileNetV2, 2018) are such spans, and all of a feature pyramid without activations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paddle import nn

from slim.networks.channels import FIXED, Site
from slim.networks.normalization import ARRAYS


@dataclass(frozen=True)
class Reading:
    """One convolution that reads a span.

    Attributes:
        layer: Its name in the network.
        start: First of the span's channels among those it reads.
        stop: The one after the last.
    """

    layer: str
    start: int
    stop: int


@dataclass(frozen=True)
class LinearSpan:
    """A linear span, and who writes and reads it.

    Attributes:
        width: Channels.
        writers: Sites of the filters that compute it.
        readers: Convolutions that read it.
    """

    width: int
    writers: tuple[Site, ...]
    readers: tuple[Reading, ...]


def linear_spans(network: Any) -> Mapping[str, LinearSpan]:
    """The linear spans by name.

    Args:
        network: Of :func:`slim.networks.network.build_network`.
    """
    layers = dict(network.named_sublayers())
    sites = network.ledger.sites
    norms = {f"{one.norm}.{name}" for one in sites if one.writes and one.norm for name in ARRAYS}
    found = {}
    for name, width in network.ledger.widths.items():
        mine = [site for site in sites if any(span.name == name for span in site.channels)]
        writers = tuple(site for site in mine if site.writes)
        readers = [site for site in mine if not site.writes and site.key not in norms]
        if (
            name != FIXED
            and readers
            and all(site.linear and len(site.channels) == 1 for site in writers)
            and all(_is_read_by_convolution(site, layers) for site in readers)
        ):
            found[name] = LinearSpan(width, writers, tuple(_reading(site, name) for site in readers))
    return found


def _is_read_by_convolution(site: Site, layers: Mapping[str, Any]) -> bool:
    layer, _, array = site.key.rpartition(".")
    return (
        array == "weight"
        and site.axis == 1
        and isinstance(layers[layer], nn.Conv2D)
        and layers[layer]._groups == 1
    )


def _reading(site: Site, name: str) -> Reading:
    start = 0
    for span in site.channels:
        if span.name == name:
            return Reading(site.key.rpartition(".")[0], start, start + span.width)
        start += span.width
    raise AssertionError(f"{site.key} does not read {name}")
