"""Killed at any moment and started again, a recipe gives the bytes that it would have given at once."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.predictor.child import PACKAGES_FOLDER, child_environment
from slim.pipeline.place import read_manifest
from tests.edge.standstill import stop
from tests.processes import alive, children, wait_until
from tests.slim.pipeline.conftest import RECIPE
from tests.slim.pipeline.test_slim_run import result_files

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(1200)]

KILLS = 5  # ten in tests/benchmarks/slim_killed.py
COUNTED = RECIPE.replace("steps: 4", "steps: 30, sleep: 0.05")


def start(folder: Path, out: Path, labels: tuple[Path, Path]) -> subprocess.Popen[bytes]:
    recipe = folder / "recipe.yml"
    recipe.write_text(COUNTED)
    words = [sys.executable, "-m", "tests.slim.pipeline.slim_child", recipe, out, *labels]
    return subprocess.Popen([str(word) for word in words], cwd=PACKAGES_FOLDER, env=child_environment())


def whole_run(folder: Path, out: Path, labels: tuple[Path, Path]) -> float:
    """Run to the end; seconds it took."""
    begin = time.monotonic()
    assert start(folder, out, labels).wait() == 0
    return time.monotonic() - begin


def test_killed_again_and_again_the_result_is_the_same(
    tmp_path: Path, train_labels: Path, evaluation_labels: Path
) -> None:
    labels = (train_labels, evaluation_labels)
    seconds = whole_run(tmp_path, tmp_path / "whole", labels)
    expected = result_files(tmp_path / "whole")
    dice = random.Random(20)
    killed, attempts = 0, 0
    out = tmp_path / "killed"
    while killed < KILLS:
        attempts += 1
        assert attempts < 4 * KILLS
        fresh, begin = not out.exists(), time.monotonic()
        process = start(tmp_path, out, labels)
        try:
            # a run that goes on is shorter than a whole one: some end before they are killed
            process.wait(dice.uniform(0.02, 1.0) * seconds)
            assert result_files(out) == expected
            # with all that is kept the next would hardly take any time
            shutil.rmtree(out)
            if fresh:  # the machine was busier when the first was timed
                seconds = min(seconds, time.monotonic() - begin)
        except subprocess.TimeoutExpired:
            stop(process.pid)
            offspring = children(process.pid)
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            # nothing of it goes on in the folder that the next run will use
            wait_until(lambda pids=offspring: not any(map(alive, pids)), 60, "children are gone")
            whole = read_manifest(out)
            assert whole is None or result_files(out) == expected
    whole_run(tmp_path, out, labels)
    assert result_files(out) == expected
