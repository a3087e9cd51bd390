"""``docs/consumers/cpp.md``: configured and built from an unpacked release, and run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from edge.bundle.bundle import Bundle
from tests.deploy_tools.release.consumers.conftest import Sample, release_folder
from tests.release_kit.snippets import write_snippets
from tests.release_kit.stand_ins import build, build_cxx_library, runner_environment

pytestmark = pytest.mark.embedded


def build_program(folder: Path, release: Path, *words: str) -> Path:
    """The program of the page, built as the page says."""
    write_snippets("consumers/cpp.md", folder)
    strict = "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"
    build("cmake", "-S", ".", "-B", "build", f"-DRELEASE={release}", strict, *words, folder=folder)
    build("cmake", "--build", "build", folder=folder)
    return folder / "build" / "read_line"


def check(printed: str, sample: Sample, order: list[int]) -> None:
    """What the program printed is what ppocr-edge reads on these lines."""
    lines = printed.splitlines()
    assert [line[6:] for line in lines] == [sample.recognized[i].text for i in order]
    scores = [sample.recognized[i].score for i in order]
    assert [float(line[:4]) for line in lines] == pytest.approx(scores, abs=0.03)  # it rounds no pixels


def test_on_this_host(
    default_bundles: Mapping[str, Bundle],
    sample: Sample,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a library that is not Paddle-Lite's, and has Paddle-Lite compute."""
    home = build_cxx_library(tmp_path / "lite")
    release = release_folder([default_bundles["rec"]], "linux-x86_64", tmp_path, home)
    program = build_program(tmp_path / "program", release)
    for name, value in runner_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    check(build(program, release, *sample.lines[:-1], folder=tmp_path), sample, [0, 1, 2])
    build("cmake", "--install", "build", "--prefix", release, folder=tmp_path / "program")
    moved = release.rename(tmp_path / "moved")
    assert build(moved / "bin" / "read_line", moved, sample.lines[2], folder=tmp_path)


def test_what_it_says_of_mistakes(
    default_bundles: Mapping[str, Bundle], sample: Sample, tmp_path: Path
) -> None:
    home = build_cxx_library(tmp_path / "lite")
    release = release_folder([default_bundles["rec"]], "linux-x86_64", tmp_path, home)
    program = build_program(tmp_path / "program", release)
    dictionary = release / "models/rec/dictionary.txt"
    for words, said in (
        ([], "usage: read_line RELEASE LINE.ppm"),
        (["/nowhere", sample.lines[0]], "/nowhere/models/rec/manifest.json cannot be read"),
        ([release, sample.page], "is no binary PPM of 8 bits"),
        ([release, dictionary], "the dictionary is not the model's"),
    ):
        if words[1:] == [dictionary]:
            dictionary.write_text("a\nb\n")
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("read_line: ")
        assert said in done.stderr


@pytest.mark.arm
def test_on_a_real_arm_library(sample: Sample, tmp_path: Path) -> None:
    """The library of the release, under emulation; its one predictor takes lines of several widths."""
    from deploy_tools.default_bundles import default_bundle
    from deploy_tools.devices.emulated import LITE_HOME, emulator_command

    bundle = default_bundle("rec", target="arm", parent=tmp_path / "bundles")
    release = release_folder([bundle], "linux-arm64", tmp_path, Path(os.environ[LITE_HOME]))
    cross = ("-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64")
    program = build_program(
        tmp_path / "program", release, *cross, "-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++"
    )
    order = [2, 1, 2]  # from wide to narrow and back
    # threads that wait for others spin: with more of them than cores, seconds become minutes
    command = ("env", "OMP_THREAD_LIMIT=1", *emulator_command(), program, release)
    check(build(*command, *(sample.lines[i] for i in order), folder=tmp_path), sample, order)
