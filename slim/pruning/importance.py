"""How much each channel of a span matters, judged by its filters alone.

Batch normalization is folded into the filters first: a filter that is scaled down afterwards matters little
however large it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from slim.networks.channels import FIXED, Site
from slim.networks.checkpoint import Weights
from slim.networks.normalization import slope_of

Criterion = Literal["fpgm", "l1"]
CRITERIA: Final[tuple[Criterion, ...]] = get_args(Criterion)
Scores = npt.NDArray[np.float64]


def channel_importance(
    weights: Weights, sites: tuple[Site, ...], criterion: Criterion
) -> Mapping[str, Scores]:
    """Scores of all channels by span; larger matters more. Comparable within a span only.

    Args:
        weights: Of the network, by the names of its state dict.
        sites: Of its ledger.
        criterion: ``fpgm``, distance to the other filters (He et al., "Filter Pruning via Geometric Median",
            2019), or ``l1``, their size (Li et al., "Pruning Filters for Efficient ConvNets", 2017).
    """
    measure = _MEASURES[criterion]
    scores: dict[str, Scores] = {}
    for site in sites:
        if not site.writes:
            continue
        filters = np.moveaxis(np.asarray(weights[site.key], np.float64), site.axis, 0)
        filters = filters.reshape(len(filters), -1) * _gain(weights, site)
        start = 0
        for span in site.channels:
            part = filters[start : start + span.width]
            start += span.width
            if span.name == FIXED:
                continue
            found = measure(part)
            # writers of one sum (a residual chain) count alike, however large their values are
            mean = found.mean()
            scores[span.name] = scores.get(span.name, 0.0) + (found / mean if mean > 0 else found)
    return scores


def _gain(weights: Weights, site: Site) -> Any:
    """What the batch normalization behind a filter multiplies its channels with: (C, 1), or 1."""
    if not site.norm:
        return 1.0
    return np.abs(slope_of(weights, site.norm))[:, None]


def _fpgm(filters: Any) -> Scores:
    distances: Scores = np.sqrt(np.maximum(0, ((filters[:, None] - filters[None]) ** 2).sum(axis=2))).sum(
        axis=1
    )
    return distances


def _l1(filters: Any) -> Scores:
    sizes: Scores = np.abs(filters).sum(axis=1)
    return sizes


_MEASURES: Final[dict[str, Callable[[Any], Scores]]] = {"fpgm": _fpgm, "l1": _l1}
