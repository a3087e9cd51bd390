"""The weights of an inference model, for models that were published as nothing else.

An exported program has the layers of its network in the order in which they are called, under names that
differ between exporters. So weights are matched by their place in that order, and what was matched is
proven by running both: see :func:`weights_from_inference`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import paddle

from edge.errors import ModelError
from slim.networks.checkpoint import Weights, load_strictly
from slim.networks.export import input_spec
from slim.networks.network import build_network
from slim.networks.plan import NetworkPlan, usual_shape
from slim.networks.stored import weights_of
from slim.reference.engine import PaddleEngine, gist
from slim.reference.predictor import MODEL_FILE, check_inference_model

_SLOTS: Final = {
    "conv2d": ("Filter",),
    "depthwise_conv2d": ("Filter",),
    "conv2d_transpose": ("Filter",),
    "batch_norm": ("Scale", "Bias", "Mean", "Variance"),
    "matmul": ("Y",),
    "matmul_v2": ("Y",),
    "mul": ("Y",),
    "elementwise_add": ("Y",),
    "reshape2": ("X",),  # newer exporters reshape the bias of a convolution before they add it
    "rnn": ("WeightList",),
}
STEM: Final = MODEL_FILE.rpartition(".")[0]
TOLERANCE: Final = 1e-4


def weights_from_inference(folder: Path, plan: NetworkPlan) -> Weights:
    """Read the weights of an inference model into the names of a network's state dict.

    Args:
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
        plan: The network it was exported from.

    Raises:
        ModelError: It is another network's, or does not compute what this network computes with its weights.
    """
    check_inference_model(folder)
    program, values = _load(folder)
    theirs = [(name, values[name]) for name in _names_in_order(program)]
    network = build_network(plan)
    network.eval()
    with paddle.utils.unique_name.guard():
        traced = paddle.jit.to_static(network, input_spec=[input_spec(plan)], full_graph=True)
        exported = traced.forward.concrete_program.main_program
    by_variable = {one.name: key for key, one in network.state_dict().items()}
    ours = [by_variable[name] for name in _names_in_order(exported)]
    if len(ours) != len(theirs):
        raise ModelError(
            folder,
            f"has {len(theirs)} weights in its layers, the network {len(ours)}",
            "give the inference model of this very model",
        )
    weights = weights_of(network)  # what the export left out, such as the threshold map, stays as it was made
    for key, (name, value) in zip(ours, theirs, strict=True):
        if value.shape != weights[key].shape:
            raise ModelError(
                folder,
                f"its {name} has shape {value.shape}, the network's {key} {weights[key].shape}",
                "give the inference model of this very model",
            )
        weights[key] = value
    _prove(folder, plan, weights)
    return weights


def _load(folder: Path) -> tuple[Any, dict[str, Any]]:
    """A program and its parameters by variable; static mode is left again."""
    scope = paddle.static.Scope()
    paddle.enable_static()
    try:
        with paddle.static.scope_guard(scope):
            executor = paddle.static.Executor(paddle.CPUPlace())
            program, _, _ = paddle.static.load_inference_model(str(folder / STEM), executor)
            values = {
                one.name: np.array(scope.find_var(one.name).get_tensor())
                for one in program.list_vars()
                if one.persistable and one.name not in ("feed", "fetch")
            }
    except Exception as error:  # Paddle raises whatever kind it finds fitting
        raise ModelError(
            folder, f"Paddle cannot load it: {gist(str(error))}", "pull the model again"
        ) from None
    finally:
        paddle.disable_static()
    return program, values


def _names_in_order(program: Any) -> list[str]:
    """Variables with weights in the order in which ops use them, each once."""
    persistable = {one.name for one in program.list_vars() if one.persistable}
    names = [
        name
        for op in program.global_block().ops
        for slot in _SLOTS.get(op.type, ())
        for name in op.input(slot)
        if name in persistable
    ]
    return list(dict.fromkeys(names))


def _prove(folder: Path, plan: NetworkPlan, weights: Weights) -> None:
    network = build_network(plan)
    load_strictly(network, weights, folder)
    network.eval()
    picture = np.random.default_rng(0).uniform(-1, 1, usual_shape(plan)).astype(np.float32)
    with paddle.no_grad():
        ours = network(paddle.to_tensor(picture)).numpy()
    theirs = PaddleEngine(folder).run([picture])[0]
    if ours.shape != theirs.shape or not (difference := float(np.abs(ours - theirs).max())) <= TOLERANCE:
        what = f"by {difference:.2g}" if ours.shape == theirs.shape else f"in shape: {theirs.shape}"
        raise ModelError(
            folder,
            f"computes something else than the network with its weights, different {what}",
            "give the inference model of this very model",
        )
