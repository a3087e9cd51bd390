"""The runner as its users start it: a program with a command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edge.bundle.bundle import Bundle

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def runner(tmp_path: Path) -> Callable[..., Ended]:
    """``runner(*words)`` runs it in the test's own folder."""

    def run(*words: object) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "edge.runner", *map(str, words)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            cwd=tmp_path,
            env={"PYTHONPATH": str(REPOSITORY), "PATH": ""},
            timeout=60,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def model(default_bundles: Mapping[str, Bundle]) -> Path:
    """The angle classifier for x86."""
    return default_bundles["cls"].model_path


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """An input of the classifier: two lines."""
    path = tmp_path / "line.npy"
    np.save(path, np.random.default_rng(0).uniform(-1, 1, (2, 3, 48, 192)).astype(np.float32))
    return path


@pytest.fixture(scope="session")
def arm_model(embedded_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The angle classifier for ARM."""
    from deploy_tools.conversion.opt import run_opt
    from deploy_tools.conversion.options import conversion_options

    out = tmp_path_factory.mktemp("arm") / "arm.nb"
    run_opt(embedded_models / "ch_ppocr_mobile_v2_cls_infer", conversion_options("arm"), out)
    return out
