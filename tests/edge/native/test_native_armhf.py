"""The native runner for 32-bit ARM under emulation: built against a library of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.devices.emulated import LITE_HOME
from deploy_tools.native.build import build_runner
from deploy_tools.native.built import BuiltRunner
from deploy_tools.native.elf import read_elf
from deploy_tools.native.lite_home import LIBRARY
from deploy_tools.native.target import TARGETS
from deploy_tools.native.tools import build_tools, emulation_tools
from edge.predictor.process import ProcessPredictor
from edge.predictor.spec import InputSpec

pytestmark = [pytest.mark.arm, pytest.mark.timeout(900)]
ARMHF = TARGETS["linux-armhf"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltRunner:
    """The runner, beside a library that gives back what it gets and does not say its own name."""
    missing = [tool for tool in (*build_tools(ARMHF), *emulation_tools(ARMHF)) if tool.path is None]
    if missing:
        pytest.skip(
            f"no {missing[0].name} here (apt-get install {' '.join(tool.package for tool in missing)})"
        )
    folder = tmp_path_factory.mktemp("armhf lite")
    headers = Path(os.environ[LITE_HOME])
    headers = headers / "include" if (headers / "include").is_dir() else headers / "cxx" / "include"
    shutil.copytree(headers, folder / "include")
    (folder / "lib").mkdir()
    stub = Path(__file__).with_name("lite_stub.cc")
    command = [
        ARMHF.compiler,
        "-std=c++17",
        "-shared",
        "-fPIC",
        "-Wno-psabi",
        "-isystem",
        folder / "include",
        stub,
    ]
    subprocess.run([*command, "-o", folder / "lib" / LIBRARY], check=True, timeout=300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        return build_runner(folder, ARMHF)


@pytest.fixture
def command(built: BuiltRunner) -> list[str]:
    """What runs it here."""
    return [str(ARMHF.emulator), "-L", ARMHF.sysroot, str(built.program)]


def test_help_and_what_it_is(built: BuiltRunner, command: list[str]) -> None:
    done = subprocess.run([*command, "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--max-predictors" in done.stdout
    elf = read_elf(built.program)
    assert (elf.bits, elf.system, elf.float_abi) == (32, "Linux", "hard")
    assert LIBRARY in elf.needed, "found by its file name, as it has no other"


def test_files_and_a_report(command: list[str], tmp_path: Path) -> None:
    array = np.random.default_rng(0).random((2, 3, 48, 192), dtype=np.float32)
    np.save(tmp_path / "line.npy", np.asfortranarray(array))
    topology = b"conv2d/def/4/1/1"
    nb = b"\x02\x00v2.99-stub".ljust(18, b"\0") + len(topology).to_bytes(8, "little") + topology
    (tmp_path / "m.nb").write_bytes(nb)
    words = ["--model", "m.nb", "--input", "line.npy", "--repeats", "3", "--threads", "2", "--output", "out"]
    done = subprocess.run([*command, *words], capture_output=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["library_version"], report["threads"]) == ("v2.99-stub", 2)
    assert 1 < report["peak_rss_mb"] < 500
    (case,) = report["cases"]
    assert (len(case["samples_ms"]), len(case["cpu_ms"])) == (3, 3)
    np.testing.assert_array_equal(np.load(tmp_path / "out/0_0.npy"), array)


def test_a_conversation(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "m.nb").write_bytes(b"")
    words = [*command, "--serve", "--model", str(tmp_path / "m.nb")]
    with ProcessPredictor("stub", words, [InputSpec((-1, 3, -1, -1))]) as predictor:
        for shape in ((1, 3, 48, 192), (4, 3, 32, 320), (1, 3, 640, 640)):
            array = np.random.default_rng(1).random(shape, dtype=np.float32)
            np.testing.assert_array_equal(predictor.run([array])[0], array)
        assert predictor.info["inputs"] == ["x"]
        assert predictor.peak_rss_mb > 1
