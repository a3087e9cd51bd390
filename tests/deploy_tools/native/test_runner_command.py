"""``ppocr-edge runner`` as its users type it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.devices.emulated import LITE_HOME, emulator_command
from deploy_tools.native.built import read_runner
from edge.nb.model import read_nb

Command = Callable[..., subprocess.CompletedProcess[str]]


# a build takes six seconds of a processor, which on a busy machine are to be had slowly
BUILD_SECONDS = 600


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """``command(*words, **environment)`` runs ``ppocr-edge runner``."""

    def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy_tools.cli.main", "runner", *map(str, words)],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=BUILD_SECONDS,
            check=False,
        )

    return run


def test_help_has_examples(command: Command) -> None:
    for words in ((), ("build",), ("check",)):
        done = command(*words, "--help")
        assert done.returncode == 0
        assert re.search(r"Examples:\n +ppocr-edge runner", done.stdout)


def test_check_says_what_is_missing(command: Command) -> None:
    done = command("check", **{LITE_HOME: ""}, PATH="/nosuch")
    assert done.returncode == 1
    assert "apt-get install g++-aarch64-linux-gnu" in done.stdout
    assert "name it with --lite-home" in done.stdout
    assert done.stdout.endswith("linux-arm64: missing aarch64-linux-gnu-g++, cmake, make, Paddle-Lite\n")


def test_check_for_machines(command: Command, tmp_path: Path) -> None:
    done = command("check", "--target", "linux-x86_64", "--lite-home", tmp_path, "--json")
    assert done.returncode == 1
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["Paddle-Lite"]["found"] == f"--lite-home {tmp_path}: has neither lib nor cxx/lib"
    assert rows["Paddle-Lite"]["ok"] is False


def test_bad_options_are_one_line(command: Command, tmp_path: Path) -> None:
    for words, message in (
        (
            ("build", "--lite-home", tmp_path / "no", "-o", "out"),
            "no: no such folder; give the folder of a Paddle-Lite",
        ),
        (
            ("build", "--lite-home", tmp_path, "--target", "mips", "-o", "out"),
            "--target mips: there is no such target",
        ),
        (("build", "-o", "out"), "Missing option '--lite-home'"),
    ):
        done = command(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.arm
@pytest.mark.shared
@pytest.mark.timeout(2 * BUILD_SECONDS)
def test_built_checked_and_run(command: Command, tmp_path: Path, shared_dir: Path) -> None:
    home = os.environ[LITE_HOME]
    assert command("check").returncode == 0
    done = command("build", "--lite-home", home, "-o", tmp_path / "r d")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path / 'r d' / 'ppocr_runner'}  linux-arm64  with libpaddle")
    # the second time no compiler is needed but for its version, and no cmake works here
    stub = tmp_path / "bin" / "cmake"
    stub.parent.mkdir()
    stub.write_text("#!/bin/sh\nexit 3\n")
    stub.chmod(0o755)
    path = f"{stub.parent}:{os.environ['PATH']}"
    again = command("build", "--lite-home", home, "-o", tmp_path / "b", "--json", PATH=path)
    runner = read_runner(tmp_path / "b")
    assert runner is not None
    assert json.loads(again.stdout) == runner.to_json()
    nb = read_nb(shared_dir / "mirror/dygraph_v2.0/lite/ch_ppocr_mobile_v2.0_cls_slim_opt.nb")
    moved = Path(shutil.move(tmp_path / "r d", tmp_path / "moved"))
    started = subprocess.run(
        [*emulator_command(), str(moved / "ppocr_runner"), "--serve", "--model", str(nb.path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 0, "the library is found beside the program, wherever that is"
    assert json.loads(started.stdout)["inputs"] == ["x"]


@pytest.mark.arm
@pytest.mark.timeout(3 * BUILD_SECONDS)
def test_interrupted_builds_leave_nothing_that_the_next_cannot_mend(tmp_path: Path) -> None:
    own, out = tmp_path / "own", tmp_path / "out"
    words = ["runner", "build", "--lite-home", os.environ[LITE_HOME], "-o", str(out)]
    command = [sys.executable, "-m", "deploy_tools.cli.main", *words]
    environment = {**os.environ, "PPOCR_EDGE_HOME": str(own)}
    for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)):
        before = _compiling(own)
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + BUILD_SECONDS
            while not _compiling(own) - before:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
        assert process.returncode == code
        assert not out.exists()
        if number == signal.SIGKILL:  # the next build does not take what this one left for its own
            _wait_for_the_compiler_that_nobody_ended(own)
    assert err.endswith("ppocr-edge: interrupted\n")
    assert list(own.rglob("*")) == [own / "runners"], "what was left before is swept away too"
    subprocess.run(command, env=environment, check=True, timeout=BUILD_SECONDS, capture_output=True)
    assert len(list((own / "runners").iterdir())) == 1
    assert read_runner(out) is not None


def _compiling(own: Path) -> set[Path]:
    """Folders in which the compiler has begun."""
    return {path.parent for path in own.glob("runners/.*/build/CMakeFiles/ppocr_runner.dir/*.d")}


def _wait_for_the_compiler_that_nobody_ended(own: Path) -> None:
    deadline = time.monotonic() + BUILD_SECONDS
    while any(str(own) in line for line in _command_lines()):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _command_lines() -> list[str]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has just ended
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return lines
