"""Parameters and operations of an inference model, counted in its program; loads Paddle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import paddle

from edge.errors import ModelError
from slim.reference.engine import gist

_WEIGHTS: Final = frozenset({"Filter", "Y", "X", "Bias", "Scale", "Mean", "Variance", "WeightList", "W"})
"""Slots of ops that weights go into; scales of quantization go into others."""
_QUANTIZING: Final = ("fake_", "quantize_linear", "dequantize_linear")


def program_cost(folder: Path, shape: tuple[int, ...]) -> tuple[int, int]:
    """Count what an inference model holds and does.

    Args:
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
        shape: Input (1, 3, H, W) to count operations for.

    Returns:
        Numbers in the weights (means and variances of batch norms among them, as in the published counts,
        scales of quantization not), and multiply-accumulate operations of convolutions, matrix products and
        recurrent layers.

    Raises:
        ModelError: Paddle cannot load or run it.
    """
    paddle.enable_static()
    try:
        with paddle.static.scope_guard(paddle.static.Scope()):
            executor = paddle.static.Executor(paddle.CPUPlace())
            stem = str(folder / "inference")
            program, feeds, _ = paddle.static.load_inference_model(stem, executor)
            block = program.global_block()
            counted = [op for op in block.ops if op.type in _COUNTED]
            names = list(dict.fromkeys(name for op in counted for name in _of_interest(op)))
            feed = {feeds[0]: np.zeros(shape, np.float32)}
            values = executor.run(program, feed=feed, fetch_list=names, return_numpy=False)
            shapes = {name: tuple(value.shape()) for name, value in zip(names, values, strict=True)}
    except Exception as error:  # Paddle raises whatever kind it finds fitting
        found = f"Paddle cannot run it on {shape}: {gist(str(error))}"
        raise ModelError(folder, found, "make or pull the model again") from None
    finally:
        paddle.disable_static()
    return _parameters(block), sum(_COUNTED[op.type](op, block, shapes) for op in counted)


def _parameters(block: Any) -> int:
    """Numbers in variables that are weights of an op, directly or behind a quantizer."""
    return sum(int(np.prod(block.var(name).shape)) for name in sorted(set(_weights(block))))


def _weights(block: Any) -> Iterator[str]:
    for op in block.ops:
        for slot in op.input_names:
            if slot not in _WEIGHTS or (op.type.startswith(_QUANTIZING) and slot != "X"):
                continue
            for name in op.input(slot):
                if block.has_var(name) and block.var(name).persistable and op.type not in ("feed", "fetch"):
                    yield name


Shapes = dict[str, tuple[int, ...]]


def _of_interest(op: Any) -> Iterator[str]:
    """Variables whose shapes tell how often the op multiplies."""
    for slot in ("Input", "X", "Output", "Out"):
        names = (
            op.input(slot) if slot in op.input_names else op.output(slot) if slot in op.output_names else []
        )
        yield from names


def _convolution(op: Any, block: Any, shapes: Shapes) -> int:
    # every weight meets every position of the output once
    return _size(shapes[op.output("Output")[0]][2:]) * _size(block.var(op.input("Filter")[0]).shape)


def _transposed(op: Any, block: Any, shapes: Shapes) -> int:
    return _size(shapes[op.input("Input")[0]][2:]) * _size(block.var(op.input("Filter")[0]).shape)


def _product(op: Any, block: Any, shapes: Shapes) -> int:  # noqa: ARG001
    left = shapes[op.input("X")[0]]
    turned = any(op.has_attr(name) and op.attr(name) for name in ("trans_x", "transpose_X"))
    return _size(shapes[op.output("Out")[0]]) * left[-2 if turned else -1]


def _flattened_product(op: Any, block: Any, shapes: Shapes) -> int:
    return _size(shapes[op.output("Out")[0]]) * int(block.var(op.input("Y")[0]).shape[0])


def _recurrent(op: Any, block: Any, shapes: Shapes) -> int:
    steps = _size(shapes[op.input("Input")[0]][:2])
    weights = (block.var(name).shape for name in op.input("WeightList"))
    return steps * sum(_size(shape) for shape in weights if len(shape) == 2)


def _size(shape: Any) -> int:
    return int(np.prod(shape, dtype=np.int64))


_COUNTED: Final = {
    "conv2d": _convolution,
    "depthwise_conv2d": _convolution,
    "conv2d_transpose": _transposed,
    "matmul": _product,
    "matmul_v2": _product,
    "mul": _flattened_product,
    "rnn": _recurrent,
}
