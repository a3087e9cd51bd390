"""What it costs to send tensors to a child process and its outputs back, without any network."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from edge.predictor.child import python_command
from edge.predictor.process import ProcessPredictor
from edge.predictor.spec import InputSpec
from tests.benchmarks.replay import Exchange


def echo_predictor() -> ProcessPredictor:
    """A predictor as the product's, whose child only makes the output (`tests.benchmarks.echo`)."""
    inputs = InputSpec((-1, -1, -1, -1)), InputSpec((-1,), "int64", name="shape")
    return ProcessPredictor("echo", python_command("tests.benchmarks.echo"), inputs)


def transport_seconds(echo: ProcessPredictor, exchanges: Iterable[Exchange]) -> float:
    """Send inputs of the recorded shapes and receive outputs of the recorded shapes, once.

    Returns:
        Wall time of encoding, both pipes, decoding, and the checks of inputs and outputs.
    """
    seconds = 0.0
    for exchange in exchanges:
        tensor = np.ones(exchange.shape, dtype=np.float32)
        wanted = np.array(exchange.output.shape, dtype=np.int64)
        start = time.perf_counter()
        echo.run([tensor, wanted])
        seconds += time.perf_counter() - start - echo.seconds
    return seconds
