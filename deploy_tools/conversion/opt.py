"""Running ``opt``: an inference model in, a reproducible ``.nb`` out."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from deploy_tools.conversion.options import ConversionOptions
from edge.errors import ConversionError, NbFormatError
from edge.failures.explain import explain
from edge.nb.header import normalize_file
from edge.nb.model import NbModel, read_nb
from edge.predictor.child import (
    PACKAGES_FOLDER,
    child_environment,
    exit_text,
    lifeline_pipe,
    python_command,
)
from slim.program.lean import lean_program
from slim.program.wire import WireError
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
        _run(model, _program(model, Path(folder)), options, written)
        _check(written, model, options)
        os.replace(written, out)  # noqa: PTH105
    return read_nb(out)


def _check(written: Path, model: Path, options: ConversionOptions) -> None:
    try:
        normalize_file(written)
        nb = read_nb(written)
    except NbFormatError as error:
        # opt takes a truncated .pdmodel without complaint
        raise ConversionError(
            model / MODEL_FILE,
            f"opt made no usable model of it ({error.found}): it is truncated or damaged",
            "pull or export the model again",
        ) from None
    if not nb.runs_on(set(options.target.split(","))):
        raise ConversionError(
            model,
            f"opt wrote kernels for {nb.main_target}, asked was {options.target}",
            "convert for another target",
        )


def _program(model: Path, work: Path) -> Path:
    """The program that opt gets: without what makes its result larger and is never read."""
    theirs = model / MODEL_FILE
    try:
        lean = lean_program(theirs.read_bytes())
    except WireError:
        return theirs  # damaged: opt has its say
    ours = work / MODEL_FILE
    ours.write_bytes(lean)
    return ours


def _run(model: Path, program: Path, options: ConversionOptions, written: Path) -> None:
    command = python_command(
        "deploy_tools.conversion.opt_child",
        *("--model", str(program.absolute())),
        *("--params", str(model.absolute() / PARAMS_FILE)),
        *("--places", options.valid_places),
        *("--out", str(written.absolute().with_suffix(""))),
        *(["--fp16"] if options.fp16 else []),
        *(["--weights", options.weights] if options.weights else []),
    )
    # closed by the system when this process goes, however it goes: the child then ends too
    theirs, ours = lifeline_pipe()
    try:
        done = subprocess.run(
            [*command, "--lifeline", str(theirs)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIME_LIMIT,
            cwd=PACKAGES_FOLDER,
            env=_environment(),
            pass_fds=[theirs],
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConversionError(
            model, f"opt did not finish within {TIME_LIMIT:g} s", "check the model"
        ) from None
    finally:
        os.close(theirs)
        os.close(ours)
    words = done.stdout.decode(errors="replace")
    if done.returncode == 0 and written.is_file() and written.stat().st_size > 0:
        return
    failure = explain(words, done.returncode)
    if failure is not None:
        raise ConversionError(model, f"opt failed: {failure.cause}", failure.remedy)
    last = (words.strip().splitlines() or ["it said nothing"])[-1]
    how = exit_text(done.returncode) if done.returncode else "wrote no model"
    raise ConversionError(model, f"opt {how}: {last[:300]}", "check the model")


def _environment() -> dict[str, str]:
    """The child's environment, without the variable that makes opt write the old format."""
    environment = child_environment()
    environment.pop("PADDLE_LITE_MODEL_VERSION1", None)
    return environment
