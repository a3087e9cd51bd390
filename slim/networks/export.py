"""From a network to an inference model: ``inference.pdmodel`` and ``inference.pdiparams``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paddle
from paddle.static import InputSpec

from slim.networks.plan import NetworkPlan
from slim.program.export import tidy_export
from slim.reference.predictor import MODEL_FILE


def export_network(network: Any, plan: NetworkPlan, folder: Path) -> None:
    """Write a network as an inference model. The same weights give the same bytes, wherever this runs.

    Args:
        network: A Paddle layer; set to evaluation.
        plan: What it was built from.
        folder: Gets the two files; must exist.
    """
    network.eval()
    with paddle.utils.unique_name.guard():
        program = paddle.jit.to_static(network, input_spec=[input_spec(plan)], full_graph=True)
        paddle.jit.save(program, str(folder / "inference"))
    finish_export(folder)


def finish_export(folder: Path) -> None:
    """Make what Paddle saved as ``inference`` what ``opt`` likes best, and drop what nobody reads."""
    (folder / "inference.pdiparams.info").unlink(missing_ok=True)
    model = folder / MODEL_FILE
    model.write_bytes(tidy_export(model.read_bytes()))


def input_spec(plan: NetworkPlan) -> Any:
    """What a network takes, for Paddle: open where any size will do."""
    channels, height, width = plan.input_shape
    task = plan.architecture.algorithm
    sizes = {
        "DB": [None, channels, None, None],
        "CRNN": [None, channels, height, None],
        "CLS": [None, channels, height, width],
    }[task]
    return InputSpec(sizes, "float32", "x")
