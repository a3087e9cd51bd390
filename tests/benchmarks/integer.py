"""Weights stored as integers on the x86 build: how far the outputs are from Paddle's on the golden inputs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import get_args

import numpy as np

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import Weights, conversion_options
from deploy_tools.default_bundles import DEFAULT_MODELS
from edge.errors import PredictorError
from edge.predictor.lite import lite_predictor
from slim.zoo.pull import ensure
from tests.benchmarks.material import Material, Row, show


def measure(material: Material) -> bool:
    """Convert around `convert`'s refusals, run, compare."""
    rows: list[Row] = []
    for task, name in DEFAULT_MODELS.items():
        bundle = material.bundles[task]
        tensor, expected = bundle.golden()
        for weights in get_args(Weights):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.nb"
                nb = run_opt(ensure(name).folder, conversion_options("x86", weights=weights), path)
                with lite_predictor(path, nb, bundle.manifest.input) as predictor:
                    try:
                        output = predictor.run([tensor])[0]
                        difference = np.abs(np.subtract(output, expected, dtype=np.float64))
                        found = f"differs by up to {difference.max():.2g}, {difference.mean():.2g} on average"
                    except PredictorError as error:
                        found = error.found
            rows.append(Row(f"{name} {nb.precision}", found))
    return show("integer. x86 with integer weights against Paddle, golden inputs", rows)
