"""Running ``opt``: an inference model in, a reproducible ``.nb`` out."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from deploy_tools.conversion.options import ConversionOptions
from edge.errors import ConversionError
from edge.failures.explain import explain
from edge.nb.header import normalize_file
from edge.nb.model import NbModel, read_nb
from edge.predictor.process import child_environment, python_command
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE, check_inference_model

TIME_LIMIT: Final = 300.0
"""Seconds; the largest model of the list takes less than one."""


def run_opt(model: Path, options: ConversionOptions, out: Path) -> NbModel:
    """Convert an inference model.

    Args:
        model: Folder with ``inference.pdmodel`` and ``inference.pdiparams``.
        options: Target and precision.
        out: The ``.nb`` file to write; its folder exists.

    Returns:
        The written model, read back.

    Raises:
        ModelError: The folder does not hold an inference model.
        ConversionError: ``opt`` refused, died, hung, or wrote something for another target.
    """
    check_inference_model(model)
    # opt writes in place and cannot be trusted to finish: it gets a folder of its own
    with tempfile.TemporaryDirectory(prefix=".opt-", dir=out.parent) as folder:
        written = Path(folder) / "model.nb"
        _run(model, options, written)
        normalize_file(written)
        nb = read_nb(written)
        if not nb.outputs:
            # opt takes a truncated .pdmodel without complaint
            raise ConversionError(
                model / MODEL_FILE, "has no output: truncated or damaged", "pull or export it again"
            )
        if not nb.runs_on(set(options.target.split(","))):
            raise ConversionError(
                model,
                f"opt wrote kernels for {nb.main_target}, asked was {options.target}",
                "convert for another target",
            )
        os.replace(written, out)  # noqa: PTH105
    return read_nb(out)


def _run(model: Path, options: ConversionOptions, written: Path) -> None:
    command = python_command(
        "deploy_tools.conversion.opt_child",
        *("--model", str(model / MODEL_FILE)),
        *("--params", str(model / PARAMS_FILE)),
        *("--places", options.valid_places),
        *("--out", str(written.with_suffix(""))),
        *(["--fp16"] if options.fp16 else []),
        *(["--weights", options.weights] if options.weights else []),
    )
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIME_LIMIT,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConversionError(
            model, f"opt did not finish within {TIME_LIMIT:g} s", "check the model"
        ) from None
    words = done.stdout.decode(errors="replace")
    if done.returncode == 0 and written.is_file() and written.stat().st_size > 0:
        return
    failure = explain(words, done.returncode)
    if failure is not None:
        raise ConversionError(model, f"opt failed: {failure.cause}", failure.remedy)
    last = (words.strip().splitlines() or ["it said nothing"])[-1]
    raise ConversionError(model, f"opt {_ending(done.returncode)}: {last[:300]}", "check the model")


def _environment() -> dict[str, str]:
    """The child's environment, without the variable that makes opt write the old format."""
    environment = child_environment()
    environment.pop("PADDLE_LITE_MODEL_VERSION1", None)
    return environment


def _ending(code: int) -> str:
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}" if code else "wrote no model"
