"""A look at the ``.nb`` before the library gets it: of another target it would crash, or compute garbage."""

from __future__ import annotations

from pathlib import Path

from edge.errors import NbFormatError
from edge.nb.model import read_nb
from edge.predictor.lite import LITE_TARGETS
from edge.runner.error import RunnerError


def check_model(path: Path) -> None:
    """Make sure that this runner's library can run a model.

    Raises:
        RunnerError: The file is not a ``.nb``, or is one for another target.
    """
    try:
        nb = read_nb(path)
    except NbFormatError as error:
        raise RunnerError(f"--model {error.one_line()}") from None
    if not nb.runs_on(LITE_TARGETS):
        raise RunnerError(
            f"--model {path}: was converted for {nb.main_target}, this runner's library is for x86"
        )
