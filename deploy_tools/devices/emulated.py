"""A real ARM Paddle-Lite library on this host, under qemu's user emulation: what it computes, exactly.

No board is needed to see what INT8 gives there. Its times are a rough proxy for instructions executed: how
much more floating point costs than integers depends on the host, so figures are compared within one run only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from deploy_tools.devices.settings import USUAL, RunSettings
from deploy_tools.devices.versions import leaves_out_hard_swish
from deploy_tools.native.build import build_runner
from deploy_tools.native.built import BuiltRunner
from deploy_tools.native.target import TARGETS
from deploy_tools.native.tools import emulation_tools, require
from edge.bundle.bundle import Bundle
from edge.errors import InputError, PredictorError
from edge.nb.model import NbModel
from edge.predictor.process import ProcessPredictor
from edge.predictor.spec import InputSpec

LITE_HOME: Final = "PPOCR_EDGE_ARM_LITE_HOME"
"""Environment variable that names the folder of the ARM library."""
TARGET: Final = TARGETS["linux-arm64"]


class EmulatedPredictor(ProcessPredictor):
    """A predictor that also knows its processor time."""

    @property
    def cpu_seconds(self) -> float:
        """Processor time that the last run took; steadier than `seconds` where the host is busy."""
        return float(self._last_run.get("cpu_ms", 0.0)) / 1000


class EmulatedDevice:
    """An ARM library under emulation, named by the environment variable `LITE_HOME`.

    Args:
        threads: Of the library. More than one makes times depend on the host's other work.

    Attributes:
        settings: Of the library where nothing else is asked for.
    """

    name: Final = "qemu-arm64"
    target: Final = "arm"

    def __init__(self, threads: int = 1) -> None:
        self.settings = RunSettings(threads=threads)
        self._runner: BuiltRunner | None = None
        self._remarks: list[str] = []

    @property
    def note(self) -> str:
        """What a reader of its figures must know."""
        about = (
            "an ARM library under emulation: times are a rough proxy for instructions executed, in which "
            "floating point weighs too much, and not a board's"
        )
        return "; ".join([about, *self._remarks])

    def open(
        self,
        bundle: Bundle,
        *,
        force: bool = False,
        run_seconds: float = 120.0,
        settings: RunSettings = USUAL,
    ) -> EmulatedPredictor:
        """Start the runner for a bundle; see :class:`deploy_tools.devices.base.Device`.

        Raises:
            InputError: No ARM library is named, or what is named is none.
            BuildError: The runner cannot be built for it.
            PredictorError: The bundle is not for ARM.
        """
        return self.open_nb(
            bundle.model_path,
            bundle.nb,
            bundle.manifest.input,
            name=str(bundle.folder),
            force=force,
            run_seconds=run_seconds,
            settings=settings,
        )

    def close(self) -> None:
        """Nothing leads to it; its processes end with their predictors, or with this one."""

    def open_nb(
        self,
        path: Path,
        nb: NbModel,
        spec: InputSpec,
        *,
        name: str | None = None,
        force: bool = False,
        run_seconds: float = 120.0,
        settings: RunSettings = USUAL,
    ) -> EmulatedPredictor:
        """Start the runner for a ``.nb`` that is in no bundle; otherwise as `open`."""
        subject = name or str(path)
        settings.check()
        wanted = settings.over(self.settings)
        if not nb.runs_on({self.target}):
            raise PredictorError(
                subject,
                f"was converted for {nb.main_target}, this device runs arm",
                "convert the model with --target arm",
            )

        def accept(greeting: Mapping[str, Any]) -> None:
            self._accept(subject, nb, greeting, force=force)
            settings.require(subject, greeting)

        predictor = EmulatedPredictor(
            subject,
            self._command(path.absolute(), wanted),
            [spec],
            run_seconds=run_seconds,
            accept=accept,
        )
        predictor.start()
        return predictor

    def _command(self, model: Path, settings: RunSettings) -> list[str]:
        if self._runner is None:
            self._runner = emulated_runner()
        options = ("--serve", "--model", str(model), *settings.words())
        return [*emulator_command(), str(self._runner.program), *options]

    def _accept(self, subject: str, nb: NbModel, greeting: Mapping[str, Any], *, force: bool) -> None:
        remark = version_remark(subject, nb.opt_version, str(greeting["library_version"]), force=force)
        if remark and remark not in self._remarks:
            self._remarks.append(remark)


def version_remark(subject: str, written: str, library: str, *, force: bool = False) -> str:
    """What there is to say of a model of one version on a library of another.

    Kernels that a library lacks end it when it loads the model, and others compute the same: so another
    version is worth a remark, but for the one case that is known to go wrong without a word.

    Args:
        subject: The model, for messages.
        written: Version of the opt that wrote it.
        library: Version of the library.
        force: Let the known case pass.

    Returns:
        The remark; empty where the versions are the same.

    Raises:
        PredictorError: The library computes garbage of models of this opt.
    """
    if written == library:
        return ""
    if leaves_out_hard_swish(written, library) and not force:
        raise PredictorError(
            subject,
            f"was written by opt {written}, which fuses hard_swish into convolutions; the library {library} "
            "leaves it out, and computes garbage without a word",
            f"name a newer library in {LITE_HOME}, or add --force to see what comes out",
        )
    return f"opt {written} wrote the model, the library is {library}"


def emulated_runner() -> BuiltRunner:
    """The native runner for the named ARM library; built if need be.

    Raises:
        InputError: No ARM library is named, or what is named is none.
        BuildError: It cannot be built.
    """
    folder = os.environ.get(LITE_HOME)
    if not folder:
        raise InputError(
            f"--device {EmulatedDevice.name}",
            f"{LITE_HOME} is not set",
            "set it to a Paddle-Lite library folder for 64-bit ARM Linux (include and lib)",
        )
    return build_runner(Path(folder), TARGET, option=LITE_HOME)


def emulator_command() -> list[str]:
    """What stands before an ARM program to run it here.

    Raises:
        BuildError: The emulator is not installed.
    """
    tools = emulation_tools(TARGET)
    require(tools, f"--device {EmulatedDevice.name}")
    return [*(str(tool.path) for tool in tools), "-L", TARGET.sysroot] if tools else []
