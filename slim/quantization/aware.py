"""Networks that compute as if they were quantized, for training (PaddleSlim's QAT).

As PaddleOCR's own slim models: weights by the largest of each channel, activations by a moving mean of their
largest, 8 bits, on convolutions and linear layers; the LSTM, transposed convolutions and all else in float.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import paddle

from slim.networks.checkpoint import Weights
from slim.networks.export import finish_export, input_spec
from slim.networks.network import build_network
from slim.networks.plan import NetworkPlan
from slim.quantization.pact import Pact

_CONFIG: Final = {
    "weight_quantize_type": "channel_wise_abs_max",
    "activation_quantize_type": "moving_average_abs_max",
    "weight_bits": 8,
    "activation_bits": 8,
    "moving_rate": 0.9,
    "quantizable_layer_type": ["Conv2D", "Linear"],
    # Paddle-Lite before 2.13 does not know the other format, and recognizers fail in it with every version
    "onnx_format": False,
}
_CLIPPING: Final = "._act_preprocess."


def quantize_for_training(network: Any) -> None:
    """Let a network's layers quantize their weights and inputs, with learned clipping; in place."""
    with paddle.utils.unique_name.guard("qat_"):
        _quantizer(clipping=True).imperative_qat.quantize(network)


def export_quantized(plan: NetworkPlan, weights: Weights, folder: Path) -> None:
    """Write an inference model with quantization ops, as ``opt`` takes it.

    Args:
        plan: Of the network before it was quantized.
        weights: State dict after training.
        folder: Gets the two files; must exist.
    """
    network = build_network(plan)
    quantizer = _quantizer(clipping=False)
    # the clipping is done by the quantization that was trained behind it
    with paddle.utils.unique_name.guard("qat_"):
        quantizer.imperative_qat.quantize(network)
    network.set_state_dict({key: one for key, one in weights.items() if _CLIPPING not in key})
    network.eval()
    with paddle.utils.unique_name.guard("export_"), warnings.catch_warnings():
        # of a graph that PaddleSlim builds, and that is then built again as a whole
        warnings.simplefilter("ignore")
        quantizer.save_quantized_model(network, str(folder / "inference"), [input_spec(plan)])
    finish_export(folder)


def _quantizer(*, clipping: bool) -> Any:
    with warnings.catch_warnings():
        # of pkg_resources, which PaddleSlim still imports
        warnings.simplefilter("ignore")
        from paddleslim import QAT

    return QAT(config=dict(_CONFIG), act_preprocess=Pact if clipping else None)
