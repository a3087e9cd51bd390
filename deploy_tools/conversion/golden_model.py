"""The model that a golden output is of: what the bundle computes, as far as Paddle can."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy_tools.conversion.options import Weights
from edge.bundle.manifest import FLOAT_MODEL, ROUNDED_WEIGHTS, SIMULATED_INT8
from edge.nb.model import Precision
from slim.program.model_files import InferenceModel, read_model, write_model
from slim.quantization.stored_weights import with_rounded_weights


@contextmanager
def golden_model(folder: Path, weights: Weights | None) -> Iterator[Path]:
    """The folder of the model that Paddle is to run for the golden output.

    Where ``opt`` stores weights as integers it is a copy whose weights are rounded so, gone afterwards: a
    device then differs from it by rounding of floats alone, and not by up to 1 as from the float model.

    Args:
        folder: Of the inference model.
        weights: How its weights are stored; None for as they are.

    Raises:
        ModelError: The folder does not hold an inference model, or a file of it is damaged.
        OSError: There is no room for a copy.
    """
    model = None if weights is None else read_model(folder)
    if weights is None or model is None or _is_quantized(model):
        yield folder
        return
    model = with_rounded_weights(model, int(weights.removeprefix("int")))
    with tempfile.TemporaryDirectory(prefix="ppocr-edge-golden-") as copy:
        write_model(model, Path(copy))
        yield Path(copy)


def _is_quantized(model: InferenceModel) -> bool:
    """Whether it computes in 8 bits; ``opt`` leaves the weights of such as they are."""
    return any(op.type.startswith("fake_") for op in model.block.ops)


def golden_of(precision: Precision) -> str:
    """What the golden output of a bundle is of, as its manifest says it."""
    if precision == "int8":
        return SIMULATED_INT8
    return ROUNDED_WEIGHTS if precision.endswith("-weights") else FLOAT_MODEL
