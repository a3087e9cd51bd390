"""Paddle-Lite on this host: the runner in a child process, after a look at the ``.nb``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from edge.errors import PredictorError
from edge.nb.model import NbModel
from edge.predictor.process import ProcessPredictor, python_command
from edge.predictor.spec import InputSpec

LITE_TARGETS: Final = frozenset({"x86"})
"""What the paddlelite wheel has kernels for, besides the host's own."""


def lite_predictor(
    path: Path,
    nb: NbModel,
    spec: InputSpec,
    *,
    name: str | None = None,
    max_predictors: int = 4,
    memory_limit_mb: int = 1500,
    run_seconds: float = 120.0,
    accept: Callable[[Mapping[str, Any]], None] = lambda _: None,
    options: Sequence[str] = (),
) -> ProcessPredictor:
    """A predictor for a ``.nb`` on the x86 Paddle-Lite of this host.

    Args:
        path: The ``.nb``.
        nb: What it is.
        spec: What its network takes.
        name: What the user calls it; the path where None.
        max_predictors: How many input sizes the child keeps loaded.
        memory_limit_mb: Resident memory past which the child gives them up.
        run_seconds: Time limit of one run.
        accept: See :class:`edge.predictor.process.ProcessPredictor`.
        options: More words for the runner's command line.

    Raises:
        PredictorError: The model is for another target; running it would crash, or give garbage in silence.
    """
    require_host_target(nb, name or path)
    command = python_command(
        "edge.runner",
        "--serve",
        *("--model", str(path.absolute())),
        *("--max-predictors", str(max_predictors)),
        *("--memory-limit", str(memory_limit_mb)),
        *options,
    )
    return ProcessPredictor(str(name or path), command, [spec], run_seconds=run_seconds, accept=accept)


def require_host_target(nb: NbModel, subject: object) -> None:
    """Make sure that this host has the kernels of a model.

    Raises:
        PredictorError: It was converted for something else. No force helps: the kernels do not exist here.
    """
    if not nb.runs_on(LITE_TARGETS):
        raise PredictorError(
            subject,
            f"was converted for {nb.main_target}, this host runs x86",
            "convert the model with --target x86, or choose a device that runs it",
        )
