"""``python -m tests.benchmarks.echo``: a runner without a network, which answers with a tensor of ones.

Inputs: any tensor, and the shape of the answer (int64).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from edge.predictor.protocol import Array
from edge.runner.child import claim_stdout, end_with, forbid_core_files
from edge.runner.serve import serve


class Echo:
    """Answers with ones in the wanted shape; the runner's ``ms`` covers making them."""

    def describe(self) -> dict[str, Any]:
        return {"library": "echo", "library_version": "", "inputs": ["x", "shape"], "outputs": ["y"]}

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        return [np.ones(inputs[1].tolist(), dtype=np.float32)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lifeline", type=int, required=True, help="end when this pipe's other end closes")
    forbid_core_files()
    end_with(parser.parse_args().lifeline)
    serve(Echo(), claim_stdout())
