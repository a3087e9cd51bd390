"""A predictor that runs an inference model with Paddle in a child process."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from edge.errors import ModelError
from edge.predictor.child import Ending, python_command
from edge.predictor.process import ProcessPredictor, explain_death
from edge.predictor.spec import InputSpec
from slim.reference.program_file import check_program_file

MODEL_FILE = "inference.pdmodel"
PARAMS_FILE = "inference.pdiparams"
REFUSED = 2
PREFIX = "slim.reference: "
"""Exit code, and beginning of the last line, of a child that Paddle told why it cannot go on."""


class PaddlePredictor(ProcessPredictor):
    """Runs an inference model with Paddle's own inference engine on the host's processor.

    Args:
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
        inputs: What the network takes.
        threads: Threads for Paddle's kernels.
        run_seconds: Time limit of one run.
        name: What the user calls the model; its folder where None.

    Raises:
        ModelError: A file of the model is missing.
    """

    def __init__(
        self,
        folder: Path,
        inputs: Sequence[InputSpec],
        *,
        threads: int = 1,
        run_seconds: float = 120.0,
        name: str | None = None,
    ) -> None:
        check_inference_model(folder)
        command = python_command(
            "slim.reference", "--model", str(folder.absolute()), "--threads", str(threads)
        )
        super().__init__(
            f"{name or folder} on Paddle", command, inputs, run_seconds=run_seconds, explain=_explain_death
        )


def _explain_death(ending: Ending) -> tuple[str, str]:
    again = "pull or export the model again"
    last = ending.words.strip().splitlines()[-1:]
    if ending.code == REFUSED and last and last[0].startswith(PREFIX):
        return last[0].removeprefix(PREFIX), again
    if ending.code == -signal.SIGSEGV:
        return "Paddle died of a segmentation fault: the model's files are damaged or swapped, or none", again
    return explain_death(ending)


def check_inference_model(folder: Path) -> None:
    """Make sure both files of an inference model are there, and the program is one and whole.

    Raises:
        ModelError: One is not; says what the folder holds instead where that helps.
    """
    if not folder.is_dir():
        found = "is a file" if folder.exists() else "no such folder"
        raise ModelError(folder, found, f"give the folder with {MODEL_FILE} and {PARAMS_FILE}")
    for name in (MODEL_FILE, PARAMS_FILE):
        if (folder / name).is_file() and (folder / name).stat().st_size > 0:
            continue
        if any(folder.glob("*.pdparams")):
            remedy = "export an inference model from it first: 'ppocr-edge models export'"
            raise ModelError(folder, "holds a training checkpoint", remedy)
        if any(folder.glob("*.nb")):
            found = "holds a .nb, which is converted already and cannot be again"
            raise ModelError(folder, found, f"give the model it was made of, with {MODEL_FILE}")
        if (folder / "inference.json").is_file():
            raise ModelError(folder, "holds a PIR model of Paddle 3", "export it with FLAGS_enable_pir_api=0")
        what = "is empty" if (folder / name).is_file() else "is missing"
        raise ModelError(folder / name, what, "pull or export the model again")
    try:
        check_program_file(folder / MODEL_FILE)
    except OSError as error:
        raise ModelError(
            folder / MODEL_FILE, f"cannot be read ({error.strerror})", "check its permissions"
        ) from None
