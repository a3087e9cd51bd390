"""A short recipe killed at ten random moments and resumed each time: is the result the same, bit by bit?

The recipe is real: a classifier that is distilled and then trained to compute in 8 bits, a few steps of
each, on rendered lines and real ones. Its whole process group is killed, helpers included, as a power cut
would.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from edge.predictor.child import PACKAGES_FOLDER, child_environment
from tests.benchmarks.material import Material, Row, show

KILLS: Final = 10
_MODEL: Final = "ch_ppocr_mobile_slim_v2.0_cls"
_FILES: Final = ("inference.pdmodel", "inference.pdiparams", "manifest.json")
_RECIPE: Final = """
recipe: 1
name: ch_ppocr_mobile_slim_v2.0_cls
description: Short, for killing
model: ch_ppocr_mobile_v2.0_cls
kind: inference
seed: 7
data:
  train:
    lines: {files: any}
    rendered: {synthetic: lines, count: 200}
  evaluate:
    lines: {files: any}
steps:
  - distil: {steps: 30, batch: 8, rate: 1e-4}
  - quantize-train: {steps: 30, batch: 8, rate: 1e-4}
gates:
  - {measure: nb_bytes, most: 430_000}
"""
_LINES: Final = 60
"""Real lines to train on, and others to judge on."""


def measure(material: Material) -> bool:
    """Kill and compare."""
    with tempfile.TemporaryDirectory(prefix="ppocr-edge-killed-") as name:
        folder = Path(name)
        command = _command(folder, material.shared / "images" / "icdar2015")
        seconds, whole = _whole(command, folder / "whole")
        again = folder / "killed"
        moments = _killed(command, again, seconds)
        _, found = _whole(command, again)
    rows = [
        Row("recipe: 30 steps distilled, 30 in 8 bits; seconds at once", f"{seconds:.0f}"),
        Row("killed after seconds", ", ".join(f"{moment:.1f}" for moment in moments)),
        Row(f"kills that hit a running recipe (all of {KILLS})", len(moments), len(moments) == KILLS),
        *(
            Row(
                f"{name}: the same sha256",
                f"{whole[name][:16]} {found[name][:16]}",
                whole[name] == found[name],
            )
            for name in _FILES
        ),
    ]
    return show("kill -9 at ten random moments of a short recipe", rows)


def _command(folder: Path, images: Path) -> list[str]:
    recipe = folder / "recipe.yml"
    recipe.write_text(_RECIPE)
    words = [str(Path(sys.executable).with_name("ppocr-edge")), "slim", _MODEL, "--recipe", str(recipe)]
    for option, name in (("--train", "rec_calibration"), ("--evaluate", "rec_evaluation")):
        rows = (images / f"{name}.txt").read_text(encoding="utf-8").splitlines()[:_LINES]
        labels = folder / f"{name}.txt"
        labels.write_text("".join(f"{images}/{row}\n" for row in rows), encoding="utf-8")
        words += [option, str(labels)]
    return words


def _start(command: list[str], out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*command, "-o", str(out)],
        cwd=PACKAGES_FOLDER,
        env=child_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _whole(command: list[str], out: Path) -> tuple[float, dict[str, str]]:
    """Run to the end: seconds, and the sha256 of the result's files."""
    begin = time.monotonic()
    code = _start(command, out).wait()
    if code not in (0, 3):  # a gate may fail: so short a recipe promises nothing
        raise SystemExit(f"the recipe ended with exit code {code}")
    seconds = time.monotonic() - begin
    return seconds, {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in _FILES}


def _killed(command: list[str], out: Path, seconds: float) -> list[float]:
    """Start and kill; after how many seconds of each start."""
    dice = random.Random(20)
    moments: list[float] = []
    # every start goes on from what the last one kept, so that the recipe is not over before the last kill
    for _ in range(3 * KILLS):
        if len(moments) == KILLS:
            break
        moment = dice.uniform(0.05, 0.5) * seconds
        process = _start(command, out)
        try:
            process.wait(moment)
            shutil.rmtree(out)  # it was done before: once more from the beginning
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            moments.append(moment)
    return moments
