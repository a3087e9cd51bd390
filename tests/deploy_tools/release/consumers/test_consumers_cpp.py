"""``docs/consumers/cpp.md``: configured and built from an unpacked release, and run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from edge.bundle.bundle import Bundle
from tests.deploy_tools.release.consumers.conftest import Sample, release_folder
from tests.release_kit.snippets import write_snippets
from tests.release_kit.stand_ins import build, build_cxx_library, runner_environment

pytestmark = pytest.mark.embedded


def build_programs(folder: Path, release: Path, *words: str) -> Path:
    """Build the programs as the page says; the folder that has them."""
    write_snippets("consumers/cpp.md", folder)
    strict = "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"
    build("cmake", "-S", ".", "-B", "build", f"-DRELEASE={release}", strict, *words, folder=folder)
    build("cmake", "--build", "build", folder=folder)
    return folder / "build"


def texts(printed: str) -> list[str]:
    return [line[6:] for line in printed.splitlines()]


def scores(printed: str) -> list[float]:
    return [float(line[:4]) for line in printed.splitlines()]


@pytest.fixture(scope="module")
def release(default_bundles: Mapping[str, Bundle], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For this host, with a library that is not Paddle-Lite's, and has Paddle-Lite compute."""
    folder = tmp_path_factory.mktemp("release")
    home = build_cxx_library(folder / "lite")
    return release_folder(list(default_bundles.values()), "linux-x86_64", folder, home)


@pytest.fixture(scope="module")
def programs(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built for this host."""
    return build_programs(tmp_path_factory.mktemp("programs"), release)


@pytest.fixture
def _computing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in runner_environment(tmp_path).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_computing")
def test_lines(programs: Path, release: Path, sample: Sample, tmp_path: Path) -> None:
    printed = build(programs / "read_line", release, *sample.lines[:-1], folder=tmp_path)
    assert texts(printed) == [line.text for line in sample.recognized]
    expected = [line.score for line in sample.recognized]
    assert scores(printed) == pytest.approx(expected, abs=0.03)  # Pillow rounds what it scales


@pytest.mark.usefixtures("_computing")
def test_a_page(programs: Path, release: Path, sample: Sample, tmp_path: Path) -> None:
    page = tmp_path / "page.ppm"
    Image.open(sample.page).save(page)
    assert texts(build(programs / "read_page", release, page, folder=tmp_path)) == sample.read


def test_installed_into_the_release(programs: Path, release: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "copy"))
    build("cmake", "--install", programs, "--prefix", copy, folder=tmp_path)
    found = build("ldd", copy / "bin/read_page", folder=tmp_path)
    assert f"libpaddle_light_api_shared.so => {copy}/bin/../lib/" in found


def test_what_they_say_of_mistakes(programs: Path, release: Path, sample: Sample, tmp_path: Path) -> None:
    other = Path(shutil.copytree(release, tmp_path / "other"))
    (other / "models/rec/dictionary.txt").write_text("a\nb\n")
    (tmp_path / "short.ppm").write_bytes(b"P6 4 4 255\n" + bytes(5))
    line = sample.lines[0]
    for program, words, said in (
        ("read_line", [], "usage: read_line RELEASE LINE.ppm"),
        ("read_line", ["/nowhere", line], "/nowhere/models/rec/manifest.json cannot be read"),
        ("read_line", [release, sample.page], "is no binary PPM of 8 bits"),
        ("read_line", [release, tmp_path / "short.ppm"], "is cut short"),
        ("read_line", [other, line], "dictionary.txt is not the model's"),
        ("read_page", [release], "usage: read_page RELEASE PAGE.ppm"),
    ):
        done = subprocess.run([programs / program, *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"{program}: ")
        assert said in done.stderr


@pytest.mark.arm
def test_on_a_real_arm_library(sample: Sample, tmp_path: Path) -> None:
    """That of the release, under emulation; one predictor takes lines of several widths."""
    from deploy_tools.default_bundles import DEFAULT_MODELS, default_bundle
    from deploy_tools.devices.emulated import LITE_HOME, emulator_command

    bundles = [default_bundle(task, target="arm", parent=tmp_path / "bundles") for task in DEFAULT_MODELS]
    release = release_folder(bundles, "linux-arm64", tmp_path, Path(os.environ[LITE_HOME]))
    cross = ("-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64")
    compiler = "-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++"
    programs = build_programs(tmp_path / "programs", release, *cross, compiler)
    # threads that wait for others spin: with more of them than cores, seconds become minutes
    emulated = ("env", "OMP_THREAD_LIMIT=1", *emulator_command())
    page = Image.open(sample.page)
    page.crop((0, page.height // 2, page.width, page.height)).save(tmp_path / "half.ppm")
    printed = build(*emulated, programs / "read_page", release, tmp_path / "half.ppm", folder=tmp_path)
    assert texts(printed) == sample.read[2:]
    printed = build(*emulated, programs / "read_line", release, sample.lines[1], folder=tmp_path)
    assert texts(printed) == [sample.recognized[1].text]
    assert scores(printed) == pytest.approx([sample.recognized[1].score], abs=0.03)
