"""From a training checkpoint to an inference model.

Paddle is loaded by the call, not by the import: who calls this in a process of its own need not have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.errors import ModelError
from slim.networks.channels import FIXED, Site
from slim.networks.checkpoint import Weights, load_strictly, read_checkpoint
from slim.networks.plan import NetworkPlan

_CLASSES: Final = "head.fc.bias"
_QUANTIZERS: Final = ("_fake_quant", "_act_preprocess", "_weight_preprocess")
"""In the names that PaddleSlim gives what it adds to a network for quantization-aware training."""


def export_checkpoint(file: Path, plan: NetworkPlan, pruned: bool, out: Path) -> NetworkPlan:
    """Write the inference model of a checkpoint.

    Args:
        file: The ``.pdparams``.
        plan: The network it was trained with.
        pruned: Whether it may be narrower than that.
        out: Gets the two files; must exist.

    Returns:
        The plan of the network that was built.

    Raises:
        ModelError: It is damaged, wants to run code, or is not of this network; names the parameters.
    """
    from slim.networks.export import export_network
    from slim.networks.network import build_network

    weights = read_checkpoint(file)
    quantizers = [key for key in weights if any(name in key for name in _QUANTIZERS)]
    if quantizers:
        raise ModelError(
            file,
            f"was trained for integers: {quantizers[0]} and {len(quantizers) - 1} others are of quantizers",
            "take the model's inference model, or a checkpoint in float",
        )
    _check_classes(file, weights, plan)
    if pruned:
        plan = fitted(plan, weights)
    network = build_network(plan)
    load_strictly(network, weights, file)
    export_network(network, plan, out)
    return plan


def fitted(plan: NetworkPlan, weights: Weights) -> NetworkPlan:
    """A plan with the widths that weights have.

    Args:
        plan: Of the network before it was pruned.
        weights: By the names of its state dict; where they contradict each other, the first counts.
    """
    from slim.networks.network import build_network

    ledger = build_network(plan).ledger
    found = _widths(ledger.sites, weights)
    return plan.narrowed({name: one for name, one in found.items() if one != ledger.widths[name]})


def _widths(sites: tuple[Site, ...], weights: Weights) -> Mapping[str, int]:
    widths: dict[str, int] = {}
    for site in sites:
        alone = site.channels[0].name if len(site.channels) == 1 else FIXED
        if alone != FIXED and site.key in weights and weights[site.key].ndim > site.axis:
            widths.setdefault(alone, weights[site.key].shape[site.axis])
    return widths


def _check_classes(file: Path, weights: Weights, plan: NetworkPlan) -> None:
    if plan.classes is None or _CLASSES not in weights or len(weights[_CLASSES]) == plan.classes:
        return
    raise ModelError(
        file,
        f"has {len(weights[_CLASSES])} classes, its dictionary makes {plan.classes}",
        "give the dictionary it was trained with, and --no-space where it has no class for the space",
    )
