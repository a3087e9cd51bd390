"""``selftest`` as a board runs it: with a shell and a runner, and every fault is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.release_kit.made_bundles import changed
from tests.release_kit.package_run import PackageRun

pytestmark = pytest.mark.embedded
RUNNER = f"{sys.executable} -m edge.runner"
SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"]]
Selftest = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def unpacked(passed: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive for this host, unpacked in a folder with a space in its name."""
    from deploy_tools.release.gathering import gather
    from deploy_tools.release.package import write_release
    from deploy_tools.release.request import PackageRequest

    folder = tmp_path_factory.mktemp("unpacked") / "a board"
    bundle = changed(passed["x86"], folder / "bundle", name="it's a 'name' $HOME")
    request = PackageRequest([bundle], ("linux-x86_64",), "made", "1.0")
    written = write_release(gather(request), folder)
    with tarfile.open(written.folder / "made-1.0-linux-x86_64.tar.gz") as archive:
        archive.extractall(folder / "there", filter="data")
    return folder / "there" / "made-1.0"


@pytest.fixture
def selftest(unpacked: Path, tmp_path: Path) -> Selftest:
    """Runs it in a copy, from another folder; ``selftest.folder`` is the copy."""
    folder = Path(shutil.copytree(unpacked, tmp_path / "a copy"))

    def run(
        *words: str, shell: list[str] | None = None, runner: str | None = RUNNER
    ) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "PPOCR_EDGE_RUNNER"}
        environment |= {} if runner is None else {"PPOCR_EDGE_RUNNER": runner}
        environment |= {"PYTHONPATH": str(Path(__file__).parents[3])}
        command = [*(shell or []), str(folder / "selftest"), *words]
        return subprocess.run(
            command,
            env=environment,
            cwd="/",
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )

    run.folder = folder  # type: ignore[attr-defined]
    return run


def folder_of(selftest: Selftest) -> Path:
    folder: Path = selftest.folder  # type: ignore[attr-defined]
    return folder


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_all_is_well(selftest: Selftest, shell: list[str]) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"no {shell[0]} here (apt-get install {shell[0]})")
    done = selftest(shell=shell)
    assert (done.returncode, done.stderr) == (0, "")
    line, last = done.stdout.splitlines()
    assert line.startswith("cls  ok    it's a 'name' $HOME: differs by ")
    assert line.endswith(", 0.001 is allowed")
    assert float(line.split("differs by ")[1].split(",")[0]) < 1e-3
    assert last == "all is well"


def golden_of_another_model(folder: Path) -> None:
    np.save(folder / "models/cls/golden/output.npy", np.array([[0.4, 0.6]], np.float32))


def unlisted(folder: Path) -> None:
    """So that damage is found by computing alone."""
    script = (folder / "selftest").read_text()
    (folder / "selftest").write_text(script.replace("command -v sha256sum", "false"))


def test_an_output_that_differs(selftest: Selftest) -> None:
    golden_of_another_model(folder_of(selftest))
    unlisted(folder_of(selftest))
    done = selftest()
    assert done.returncode == 1
    assert done.stdout.startswith("cls  FAIL  it's a 'name' $HOME: --compare ")
    assert "differs by 0." in done.stdout
    assert done.stdout.endswith("0.001 is allowed\n")


def test_damage_is_told_before_anything_is_run(selftest: Selftest) -> None:
    golden_of_another_model(folder_of(selftest))
    (folder_of(selftest) / "models/cls/model.nb").unlink()
    done = selftest()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("selftest: files are damaged or missing:\n")
    assert "models/cls/golden/output.npy: FAILED" in done.stderr
    assert "models/cls/model.nb: FAILED open or read" in done.stderr


@pytest.mark.parametrize(
    ("runner", "said"),
    [
        ("/bin/true", "the runner ended with 0 and said: "),
        ("/bin/false", "the runner ended with 1"),
        ("/no/such/runner", "the runner ended with 127"),
        (f"{sys.executable} -c 'import", "the runner ended with 1"),
    ],
)
def test_a_runner_that_is_none(selftest: Selftest, runner: str, said: str) -> None:
    done = selftest(runner=runner)
    assert done.returncode == 1
    assert f"FAIL  it's a 'name' $HOME: {said}" in done.stdout


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_the_runner_is_for_another_processor(selftest: Selftest, shell: list[str]) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"no {shell[0]} here")
    program = folder_of(selftest) / "bin" / "ppocr_runner"
    program.parent.mkdir()
    # an ELF of 64 bits for the processor of number 65535
    program.write_bytes(b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + b"\x02\0\xff\xff\x01".ljust(48, b"\0"))
    program.chmod(0o755)
    done = selftest(runner=None, shell=shell)
    assert (done.returncode, "FAIL  it's a 'name' $HOME: " in done.stdout) == (1, True)
    if shell[0] in ("dash", "bash"):  # mksh says it in words of its own, busybox takes it for a script
        assert f"the runner is no program for this {os.uname().machine}\n" in done.stdout


def test_there_is_no_runner(selftest: Selftest) -> None:
    done = selftest(runner=None)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("selftest: no runner in this archive; set PPOCR_EDGE_RUNNER to a ppocr_runner\n")


def test_the_runner_of_the_archive_at_a_path_with_spaces(selftest: Selftest) -> None:
    program = folder_of(selftest) / "bin" / "ppocr_runner"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ -n "$LD_LIBRARY_PATH" ] || exit 9\nexec {RUNNER} "$@"\n')
    program.chmod(0o755)
    assert selftest(runner=None).returncode == 0


def test_words(selftest: Selftest) -> None:
    assert selftest("cls").returncode == 0
    other = selftest("rec")
    assert (other.returncode, other.stderr) == (2, "selftest: there is no model 'rec' here, only cls\n")
    told = selftest("--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert "PPOCR_EDGE_RUNNER names" in told.stdout
    assert "#" not in told.stdout
    assert "here=" not in told.stdout
    assert selftest("--fast").returncode == 2


def test_it_is_plain_shell(unpacked: Path) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("no shellcheck here (apt-get install shellcheck)")
    done = subprocess.run(
        ["shellcheck", "--shell=sh", "--exclude=SC2016", str(unpacked / "selftest")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_it_is_in_every_archive_for_linux(package: PackageRun, passed: Mapping[str, Path]) -> None:
    package(passed["arm"], "--target", "linux-arm64", "--target", "linux-armhf")
    for target in ("linux-arm64", "linux-armhf"):
        with tarfile.open(f"out/made-1.0/made-1.0-{target}.tar.gz") as archive:
            assert archive.getmember("made-1.0/selftest").mode == 0o755


@pytest.mark.arm
def test_on_a_real_arm_library(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With the runner that the archive brings along, found beside its library in another folder."""
    from deploy_tools.devices.emulated import emulated_runner, emulator_command

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        runner = emulated_runner()
    package(passed["arm"], "--target", "linux-arm64", "--runner", runner.folder)
    with tarfile.open("out/made-1.0/made-1.0-linux-arm64.tar.gz") as archive:
        archive.extractall(tmp_path / "board", filter="data")
    folder = tmp_path / "board/made-1.0"
    assert not (folder / "bin/libpaddle_light_api_shared.so").exists()
    command = " ".join([*emulator_command(), str(folder / "bin/ppocr_runner")])
    environment = {**os.environ, "PPOCR_EDGE_RUNNER": command}
    for fault in (None, golden_of_another_model):
        if fault is not None:
            fault(folder)
            unlisted(folder)
        done = subprocess.run(
            ["sh", str(folder / "selftest")], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == (0 if fault is None else 1), done.stdout + done.stderr
        assert ("cls  ok " if fault is None else "differs by 0.") in done.stdout
