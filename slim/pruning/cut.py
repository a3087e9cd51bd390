"""Taking channels out of a network's weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from slim.networks.channels import Site
from slim.networks.network import build_network
from slim.networks.stored import StoredNetwork
from slim.pruning.importance import Criterion, channel_importance

Kept = Mapping[str, npt.NDArray[np.int64]]
"""Indices of the channels that stay, in order, by the name of the span."""


def most_important(stored: StoredNetwork, widths: Mapping[str, int], criterion: Criterion) -> Kept:
    """Which channels stay when spans get narrower: the most important ones.

    Args:
        stored: The network.
        widths: New widths; spans that are not named stay whole.
        criterion: See :func:`channel_importance`.
    """
    sites = build_network(stored.plan).ledger.sites
    scores = channel_importance(stored.weights, sites, criterion)
    kept = {}
    for name, width in widths.items():
        # stable: of equals the first stay, on every machine
        order = np.argsort(-scores[name], kind="stable")
        kept[name] = np.sort(order[:width])
    return kept


def cut(stored: StoredNetwork, kept: Kept) -> StoredNetwork:
    """The network with only these channels; what is named nowhere stays."""
    sites = build_network(stored.plan).ledger.sites
    weights = dict(stored.weights)
    for site in sites:
        if any(span.name in kept for span in site.channels):
            weights[site.key] = np.take(weights[site.key], _rows(site, kept), axis=site.axis)
    widths = {name: len(rows) for name, rows in kept.items()}
    return StoredNetwork(stored.plan.narrowed(widths), weights)


def _rows(site: Site, kept: Kept) -> npt.NDArray[np.int64]:
    """Positions on a site's axis that stay."""
    rows = []
    start = 0
    for span in site.channels:
        rows.append(start + kept.get(span.name, np.arange(span.width)))
        start += span.width
    return np.concatenate(rows)
