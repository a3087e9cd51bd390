"""Real deaths: Paddle-Lite's converter and predictor in child processes, timed and without core files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

CLASSIFIER = "ch_ppocr_mobile_v2_cls_infer"

# arguments: model file, parameter file, target, output without suffix, model type
_OPT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from paddlelite.lite import Opt
model, params, target, output, kind, fp16 = sys.argv[1:]
opt = Opt()
if fp16:
    opt.enable_fp16()
if params:
    opt.set_model_file(model)
    opt.set_param_file(params)
else:
    opt.set_model_dir(model)
opt.set_valid_places(target)
opt.set_model_type(kind)
opt.set_optimize_out(output)
opt.run()
"""

# arguments: model, then shapes to run one after the other, as 1x3x48x192; "unset" runs without an input
_PREDICTOR = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import numpy as np
from paddlelite.lite import MobileConfig, create_paddle_predictor
model, dtype, *shapes = sys.argv[1:]
config = MobileConfig()
config.set_model_from_file(model)
predictor = create_paddle_predictor(config)
for shape in shapes:
    if shape != "unset":
        sides = [int(side) for side in shape.split("x")]
        predictor.get_input(0).from_numpy(np.full(sides, 0.5, dtype))
    predictor.run()
    predictor.get_output(0).numpy()
"""


@dataclass(frozen=True)
class Ended:
    """How a child ended: both its streams in the order written, and its return code."""

    output: str
    returncode: int


def run_child(*command: object, cwd: Path | None = None) -> Ended:
    """Run a program to its end."""
    done = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",  # Paddle-Lite prints damaged names as they are
        timeout=120,
        cwd=cwd,
    )
    return Ended(done.stdout, done.returncode)


@pytest.fixture(scope="session")
def child() -> Callable[..., Ended]:
    """``child(program, *arguments, cwd=None)``."""
    return run_child


@pytest.fixture(scope="session")
def opt() -> Callable[..., Ended]:
    """``opt(model, params, target, output, kind=…, fp16=False)``; model is a folder where params is empty."""

    def run(
        model: object,
        params: object,
        target: str,
        output: object,
        kind: str = "naive_buffer",
        fp16: bool = False,
    ) -> Ended:
        return run_child(
            sys.executable, "-c", _OPT, model, params, target, output, kind, "fp16" if fp16 else ""
        )

    return run


@pytest.fixture(scope="session")
def predict() -> Callable[..., Ended]:
    """``predict(model, *shapes, dtype="float32")``."""

    def run(model: object, *shapes: str, dtype: str = "float32") -> Ended:
        return run_child(sys.executable, "-c", _PREDICTOR, model, dtype, *shapes)

    return run


@pytest.fixture(scope="session")
def classifier(embedded_models: Path) -> Path:
    """Folder of the angle classifier's inference model."""
    return embedded_models / CLASSIFIER


@pytest.fixture(scope="session")
def converted(
    embedded_models: Path, opt: Callable[..., Ended], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """``converted(target, model=…)``: a real ``.nb``, made once for each; not to be changed."""
    made: dict[tuple[str, str], Path] = {}

    def get(target: str, model: str = CLASSIFIER) -> Path:
        if (target, model) not in made:
            folder = embedded_models / model
            output = tmp_path_factory.mktemp("nb") / "model"
            ended = opt(folder / "inference.pdmodel", folder / "inference.pdiparams", target, output)
            assert ended.returncode == 0, ended.output
            made[target, model] = output.with_suffix(".nb")
        return made[target, model]

    return get
