"""Instructions that a network takes on an ARM library: exact, and the same on a busy host.

Counted by a plugin of qemu's user emulation (`count_instructions.c`): Debian's ``qemu-user`` takes plugins,
the static build that the device uses does not. The count of one run is the difference between a process with
more runs and one with fewer.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from deploy_tools.devices.emulated import TARGET, emulated_runner
from edge.predictor.protocol import Array

EMULATOR: Final = "qemu-aarch64"
_SOURCE: Final = Path(__file__).with_name("count_instructions.c")
_FEW, _MANY = 1, 2


@dataclass(frozen=True)
class Instructions:
    """Millions of instructions of one run.

    Attributes:
        total: All of them.
        simd: Vector and floating-point arithmetic.
        memory: Loads and stores.
    """

    total: float
    simd: float
    memory: float


class InstructionCounter:
    """Counts runs; use as a context.

    Raises:
        RuntimeError: From the constructor, with the reason: counting is not possible here.
    """

    def __init__(self) -> None:
        for program, package in ((EMULATOR, "qemu-user"), ("gcc", "gcc")):
            if shutil.which(program) is None:
                raise RuntimeError(f"{program} is not installed (apt-get install {package})")
        if "-plugin" not in subprocess.run([EMULATOR, "--help"], capture_output=True, text=True).stdout:
            raise RuntimeError(f"this {EMULATOR} takes no plugins")
        self._runner = emulated_runner().program
        self._folder = tempfile.TemporaryDirectory(prefix="instructions-")
        self._plugin = Path(self._folder.name) / "count_instructions.so"
        compile_it = [
            "gcc",
            "-shared",
            "-fPIC",
            "-O2",
            "-fvisibility=hidden",
            "-o",
            str(self._plugin),
            str(_SOURCE),
        ]
        subprocess.run(compile_it, check=True)

    def __enter__(self) -> InstructionCounter:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def count(self, model: Path, tensor: Array) -> Instructions:
        """Instructions of one run of a ``.nb``, the first excluded.

        Args:
            model: The ``.nb``.
            tensor: Its input.

        Raises:
            subprocess.CalledProcessError: The runner died over it.
        """
        folder = Path(self._folder.name)
        np.save(folder / "input.npy", tensor)
        few, many = (self._process(model, folder, repeats) for repeats in (_FEW, _MANY))
        return Instructions(*((b - a) / (_MANY - _FEW) / 1e6 for a, b in zip(few, many, strict=True)))

    def _process(self, model: Path, folder: Path, repeats: int) -> Sequence[int]:
        command = [
            *(EMULATOR, "-L", TARGET.sysroot, "-plugin", f"{self._plugin},out={folder / 'counts'}"),
            *(str(self._runner), "--model", str(model), "--input", str(folder / "input.npy")),
            *("--repeats", str(repeats), "--report", str(folder / "report.json")),
        ]
        subprocess.run(command, check=True, capture_output=True)
        return [int(word) for word in (folder / "counts").read_text().split()]
