"""Inputs of real pictures, and what other engines make of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from edge.ocr.image import load_image
from edge.ocr.lines import line_batch
from edge.ocr.parameters import RecognitionParameters
from edge.ocr.recognize import input_width
from edge.predictor.protocol import Array
from slim.reference.engine import PaddleEngine

_ERRORS_ONLY = 3


class OnnxEngine:
    """An ONNX model on one thread.

    Args:
        file: The model.
        optimized: Whether the engine may fuse and reorder what it computes.
    """

    def __init__(self, file: Path, *, optimized: bool = True) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY  # the references declare sizes that are not theirs
        level = onnxruntime.GraphOptimizationLevel
        options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """As a predictor."""
        return list(self._session.run(None, {self._input: inputs[0]}))


@functools.cache
def paddle_engine(folder: Path) -> PaddleEngine:
    """An inference model on Paddle, loaded once."""
    return PaddleEngine(folder)


@functools.cache
def picture(file: Path) -> Image.Image:
    """A picture, read once."""
    return load_image(file).picture


def line_input(file: Path) -> Array:
    """A line picture as a recognizer of 32 pixels' height gets it."""
    line = picture(file)
    return line_batch([line], 32, input_width(line.size, RecognitionParameters()))


def difference(one: Array, other: Array) -> float:
    """The largest absolute difference; of arrays of one shape."""
    assert one.shape == other.shape
    return float(np.abs(one - other).max())
