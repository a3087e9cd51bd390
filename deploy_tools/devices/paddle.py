"""Paddle on this host, which runs inference models as they are: accuracy before conversion."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NoReturn

from deploy_tools.devices.settings import USUAL, RunSettings
from deploy_tools.processors import MOST_THREADS, usual_threads
from edge.bundle.bundle import Bundle
from edge.errors import PredictorError
from edge.predictor.process import ProcessPredictor
from edge.predictor.spec import InputSpec
from slim.reference.predictor import PaddlePredictor


class PaddleDevice:
    """This host's processor under Paddle."""

    name: Final = "paddle"
    note: Final = "Paddle on this host: computes the model before its conversion; INT8 is simulated"
    target: Final = None
    settings: Final = USUAL

    def open(
        self,
        bundle: Bundle,
        *,
        force: bool = False,  # noqa: ARG002
        run_seconds: float = 120.0,  # noqa: ARG002
        settings: RunSettings = USUAL,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse: a bundle holds what Paddle-Lite runs.

        Raises:
            PredictorError: Always.
        """
        raise PredictorError(
            bundle.folder,
            "is a bundle for Paddle-Lite, Paddle runs inference models",
            "name the model, or its folder, or choose another device",
        )

    def open_model(self, folder: Path, spec: InputSpec, *, run_seconds: float = 120.0) -> ProcessPredictor:
        """Begin to make an inference model ready to run; see :class:`deploy_tools.devices.base.Device`.

        Args:
            folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
            spec: What its network takes.
            run_seconds: Time limit of one run.

        Raises:
            ModelError: The folder does not hold an inference model.
            PredictorError: The process cannot be started.
        """
        predictor = PaddlePredictor(folder, [spec], threads=threads(), run_seconds=run_seconds)
        predictor.start()
        return predictor

    def close(self) -> None:
        """Nothing leads to it; its processes end with their predictors, or with this one."""


def threads() -> int:
    """As many as ``OMP_NUM_THREADS`` says, else one for each processor this process may use, up to four."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isascii() and asked.isdigit() and int(asked) > 0:
        return min(int(asked), MOST_THREADS)
    return usual_threads()
