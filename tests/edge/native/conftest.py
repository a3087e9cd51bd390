"""The native runner's parts as a program of this host, and the whole runner as an emulated one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.bundle.bundle import Bundle

NATIVE = Path(__file__).resolve().parents[3] / "edge" / "native"
# all but the two files that need Paddle-Lite
NEED_PADDLE_LITE = {"main.cc", "lite_engine.cc"}


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    out: bytes
    err: str


def run_program(command: Sequence[str], folder: Path, stdin: bytes = b"") -> Ended:
    """Run a program in a folder to its end."""
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=folder, timeout=60, check=False)
    return Ended(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


@pytest.fixture(scope="session")
def parts_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of ``parts.cc``, with assertions of its own and of the standard library."""
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("no C++ compiler here (apt-get install g++)")
    program = tmp_path_factory.mktemp("native") / "parts"
    sources = [path for path in sorted(NATIVE.glob("*.cc")) if path.name not in NEED_PADDLE_LITE]
    strict = (
        "-std=c++17",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-D_GLIBCXX_ASSERTIONS",
        "-fsanitize=undefined,address",
    )
    words = [compiler, *strict, "-g", "-o", str(program), str(Path(__file__).with_name("parts.cc"))]
    done = subprocess.run([*words, *map(str, sources)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture
def parts(parts_program: Path, tmp_path: Path) -> Callable[..., Ended]:
    """``parts(*words, stdin=…)`` runs it in the test's own folder."""

    def run(*words: object, stdin: bytes = b"") -> Ended:
        return run_program([str(parts_program), *map(str, words)], tmp_path, stdin)

    return run


@pytest.fixture(scope="session")
def arm_command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The emulated native runner; use with ``@pytest.mark.arm``."""
    from deploy_tools.devices.emulated import emulated_runner, emulator_command

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        return [*emulator_command(), str(emulated_runner().program)]


@pytest.fixture
def arm(arm_command: list[str], tmp_path: Path) -> Callable[..., Ended]:
    """``arm(*words)`` runs it in the test's own folder."""

    def run(*words: object, stdin: bytes = b"") -> Ended:
        return run_program([*arm_command, *map(str, words)], tmp_path, stdin)

    return run


@pytest.fixture(scope="session")
def arm_bundle(embedded_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The angle classifier for ARM, in float; use with ``@pytest.mark.embedded``."""
    from deploy_tools.conversion.bundle_writer import write_bundle
    from deploy_tools.conversion.options import conversion_options
    from deploy_tools.conversion.source import folder_source

    source = folder_source(embedded_models / "ch_ppocr_mobile_v2_cls_infer", "cls", None)
    return write_bundle(source, conversion_options("arm"), tmp_path_factory.mktemp("arm-bundle"))


@pytest.fixture
def odd_name() -> str:
    """A file name with everything that is not plain."""
    return os.fsdecode(b"o d'd \"\xff \xe6\xbc\xa2")
