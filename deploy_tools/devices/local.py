"""The host's own x86 Paddle-Lite: proves the pipeline, says nothing of a device's speed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from deploy_tools.devices.settings import AS_IT_IS, USUAL, RunSettings
from edge.bundle.bundle import Bundle
from edge.bundle.manifest import ROUNDED_WEIGHTS
from edge.errors import PredictorError
from edge.predictor.lite import lite_predictor, require_host_target
from edge.predictor.process import ProcessPredictor


class LocalDevice:
    """This host."""

    name: Final = "local"
    target: Final = "x86"
    note: Final = "x86 Paddle-Lite on this host: proves the pipeline, is not the latency of a phone or board"
    settings = USUAL

    def open(
        self,
        bundle: Bundle,
        *,
        force: bool = False,
        run_seconds: float = 120.0,
        settings: RunSettings = USUAL,
    ) -> ProcessPredictor:
        """Start the runner for a bundle; see :class:`deploy_tools.devices.base.Device`."""
        _preflight(bundle, settings, force=force)

        def accept(greeting: Mapping[str, Any]) -> None:
            _check_library(bundle, str(greeting["library_version"]), force=force)
            settings.require(bundle.folder, greeting)

        predictor = lite_predictor(
            bundle.model_path,
            bundle.nb,
            bundle.manifest.input,
            name=str(bundle.folder),
            run_seconds=run_seconds,
            accept=accept,
            options=settings.words(),
        )
        predictor.start()
        return predictor

    def close(self) -> None:
        """Nothing leads to it; its processes end with their predictors, or with this one."""


def _preflight(bundle: Bundle, settings: RunSettings, *, force: bool) -> None:
    settings.check()
    settings.require(bundle.folder, {"threads": 1, "power_mode": AS_IT_IS})
    nb = bundle.nb
    require_host_target(nb, bundle.folder)
    golden = bundle.manifest.golden
    # such were compared with Paddle when they were converted
    compared = nb.precision == "fp32" or (golden is not None and golden.of == ROUNDED_WEIGHTS)
    if not compared and not force:
        raise PredictorError(
            bundle.folder,
            f"is {nb.precision}, which the x86 build does not compute correctly",
            "run it on an ARM device, or add --force to see what comes out",
        )


def _check_library(bundle: Bundle, library: str, *, force: bool) -> None:
    if bundle.nb.opt_version != library and not force:
        raise PredictorError(
            bundle.folder,
            f"was written by opt {bundle.nb.opt_version}, the library here is {library}",
            "convert the model again with this version, or add --force",
        )
