"""Real ``.nb`` files: converted by Paddle-Lite's own ``opt``, in a child process as always."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CLASSIFIER = "ch_ppocr_mobile_v2_cls_infer"

# arguments: model folder, target, output path without suffix, variant
_OPT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from paddlelite.lite import Opt
folder, target, output, variant = sys.argv[1:]
opt = Opt()
if "fp16" in variant:
    opt.enable_fp16()  # before the target, or it is ignored
if "int" in variant:
    opt.set_quant_model(True)
    opt.set_quant_type("QUANT_INT8" if "int8" in variant else "QUANT_INT16")
opt.set_model_file(folder + "/inference.pdmodel")
opt.set_param_file(folder + "/inference.pdiparams")
opt.set_valid_places(target)
opt.set_model_type("naive_buffer")
opt.set_optimize_out(output)
opt.run()
"""

# arguments: model; prints names of inputs and outputs, and the output of a grey picture
_PREDICTOR = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import numpy as np
from paddlelite.lite import MobileConfig, create_paddle_predictor
config = MobileConfig()
config.set_model_from_file(sys.argv[1])
predictor = create_paddle_predictor(config)
print(list(predictor.get_input_names()), list(predictor.get_output_names()))
predictor.get_input(0).from_numpy(np.full((1, 3, 48, 192), 0.1, np.float32))
predictor.run()
print(predictor.get_output(0).numpy().tolist())
"""

Convert = Callable[..., Path]


def _child(code: str, *arguments: object, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def convert(embedded_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """``convert(target, variant="", model=…, environment=…)``: a fresh ``.nb`` in a folder of its own."""

    def run(
        target: str,
        variant: str = "",
        model: str | Path = CLASSIFIER,
        environment: dict[str, str] | None = None,
    ) -> Path:
        output = tmp_path_factory.mktemp("nb") / "model"
        _child(_OPT, embedded_models / model, target, output, variant, environment=environment)
        return output.with_suffix(".nb")

    return run


@pytest.fixture(scope="session")
def predict() -> Callable[[Path], list[str]]:
    """Two lines of what Paddle-Lite makes of a model: names of inputs and outputs, and an output."""
    return lambda path: _child(_PREDICTOR, path).splitlines()


@pytest.fixture(scope="session")
def classifier_x86(convert: Convert) -> Path:
    """The angle classifier for x86; not to be changed."""
    return convert("x86")
