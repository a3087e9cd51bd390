"""Conversions that are killed or interrupted at any moment: never half a bundle, never a process left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import alive, children, command_line, wait_until

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import folder_source
from edge.bundle.bundle import load_bundle

pytestmark = pytest.mark.embedded


@pytest.fixture
def convert(classifier: Path, tmp_path: Path, staying: Path) -> Callable[..., subprocess.Popen[str]]:
    """``convert(stage)``: starts the conversion of the classifier for x86 into ``out``; see `staying`."""
    words = [str(classifier), "--task", "cls", "--target", "x86", "-o", "out"]

    def start(stage: str = "") -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy_tools.cli.main", "convert", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(staying), *sys.path]), "STAYS": stage},
            start_new_session=True,
        )

    return start


def bundle_of(classifier: Path) -> str:
    return f"{classifier.name}-x86"


def visible(folder: Path) -> list[str]:
    """What a user sees in a folder."""
    return [path.name for path in folder.iterdir() if not path.name.startswith(".")]


def test_killed_at_any_moment(
    convert: Callable[..., subprocess.Popen[str]], classifier: Path, tmp_path: Path
) -> None:
    """An older bundle stays whole or is replaced whole; the next conversion sweeps up."""
    out = tmp_path / "out"
    place = out / bundle_of(classifier)
    write_bundle(folder_source(classifier, "cls", None), conversion_options("x86"), out)
    for stage, delay in (("", 0.1), ("opt_child", 0.0), ("slim.reference", 0.3), ("edge.runner", 0.0)):
        process = convert(stage)
        wait_until(lambda pid=process.pid, word=stage: word in commands(pid), 120, f"{stage} runs")
        time.sleep(delay)
        started = children(process.pid)
        process.kill()
        process.communicate()
        wait_until(lambda pids=started: not any(map(alive, pids)), 60, "its children are gone too")
        assert load_bundle(place).manifest.task == "cls"
        assert visible(out) == [place.name]
        hidden = len(list(out.iterdir())) - 1
        # without a stage nobody knows how far it came
        assert hidden == 1 if stage else hidden <= 1, "each swept up after the one before"
    last = convert()
    last.communicate(timeout=240)
    assert last.returncode == 0
    assert list(out.iterdir()) == [place]


@pytest.mark.parametrize(
    ("number", "code", "line"),
    [
        (signal.SIGINT, 130, "ppocr-edge: interrupted\n"),
        (signal.SIGTERM, 143, "ppocr-edge: interrupted\n"),
    ],
)
def test_interrupted(
    convert: Callable[..., subprocess.Popen[str]],
    classifier: Path,
    tmp_path: Path,
    number: signal.Signals,
    code: int,
    line: str,
) -> None:
    """As from the keyboard: the signal reaches the whole process group."""
    out = tmp_path / "out"
    for stage in ("opt_child", "slim.reference"):
        process = convert(stage)
        wait_until(lambda pid=process.pid, word=stage: word in commands(pid), 120, f"{stage} runs")
        started = children(process.pid)
        os.killpg(process.pid, number)
        printed, complaint = process.communicate(timeout=120)
        assert (process.returncode, printed, complaint) == (code, "", line)
        wait_until(lambda pids=started: not any(map(alive, pids)), 60, "its children are gone too")
        assert not out.exists(), "nothing was there before, nothing is left"


def commands(pid: int) -> str:
    """Command lines of a process's children."""
    return " ".join(word for child in children(pid) for word in command_line(child))
