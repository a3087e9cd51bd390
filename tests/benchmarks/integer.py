"""Weights stored as integers on the x86 build: how far the outputs are from Paddle's on the golden inputs.

From the float model's, and from those of the model whose weights are rounded as opt does it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import get_args

from deploy_tools.conversion.golden_model import golden_model
from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import Weights, conversion_options
from deploy_tools.default_bundles import DEFAULT_MODELS
from deploy_tools.scenarios.parity import difference
from edge.errors import PredictorError
from edge.predictor.lite import lite_predictor
from slim.reference import PaddlePredictor
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
                model = ensure(name).folder
                nb = run_opt(model, conversion_options("x86", weights=weights), path)
                with (
                    golden_model(model, weights) as rounded,
                    PaddlePredictor(rounded, [bundle.manifest.input]) as reference,
                ):
                    close = reference.run([tensor])[0]
                with lite_predictor(path, nb, bundle.manifest.input) as predictor:
                    try:
                        output = predictor.run([tensor])[0]
                        far, near = (difference(output, one) for one in (expected, close))
                        found = f"differs by up to {far:.2g}, from rounded weights by {near:.2g}"
                    except PredictorError as error:
                        found = error.found
            rows.append(Row(f"{name} {nb.precision}", found))
    return show("integer. x86 with integer weights against Paddle, golden inputs", rows)
