"""Figure 2 of measuring: `measure latency` against a bare loop of the library, in turn, in one run.

The bare loop is what one writes without this toolkit: a Python process that loads the model with paddlelite,
gives it the input, runs it and copies the output, around all of which time is taken. Both are processes of
their own; they take batches in turn, A B, B A, A B …, so that what else the host does falls on both. After a
few rounds both get new processes, as two processes of the same program differ by a per cent, too. Lower
percentiles tell more where the host is busy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from deploy_tools.comparison.quantile import quantile_interval
from deploy_tools.devices.local import LocalDevice
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.sampling import WAKE_MS, Sampler, monotonic_since
from edge.bundle.bundle import Bundle
from tests.benchmarks.material import Material, Row, show

PROCESSES = 12
ROUNDS = 4
RUNS = {"cls": 60, "det": 3}
NEAR = 1.0  # per cent
BARE = """
import json, os, sys, time
import numpy as np
from paddlelite import lite
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
config = lite.MobileConfig()
config.set_model_from_file(sys.argv[1])
predictor = lite.create_paddle_predictor(config)
tensor = np.load(sys.argv[2])
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        predictor.get_input(0).from_numpy(tensor)
        predictor.run()
        output = np.array(predictor.get_output(0).numpy())
        times.append((time.perf_counter() - start) * 1000)
    print(json.dumps(times), file=answers, flush=True)
"""


class BareLoop:
    """The loop in its process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, count: int) -> list[float]:
        """Times of so many runs, in ms."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        times: list[float] = json.loads(self._process.stdout.readline())
        return times


def measure(material: Material) -> bool:
    """Medians of both, for a quick network and a slow one."""
    rows = [row for task in RUNS for row in _compare(task, material.bundles[task])]
    title = f"2. measure latency against a bare loop, {PROCESSES} processes of each, {ROUNDS} rounds in turn"
    return show(title, rows)


def _compare(task: str, bundle: Bundle) -> Iterator[Row]:
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(PROCESSES):
        of_ours, of_theirs = _of_processes(bundle, RUNS[task], ours_first=number % 2 == 0)
        ours += of_ours
        theirs += of_theirs
    found = [quantile_interval(np.array(values)) for values in (ours, theirs)]
    for name, values, (median, low, high) in zip(("ours", "bare"), (ours, theirs), found, strict=True):
        label = f"{task}: {name}, median of {len(values)} [95 %]"
        yield Row(label, f"{median:.3f} [{low:.3f}, {high:.3f}] ms")
    difference = (found[0][0] / found[1][0] - 1) * 100
    yield Row(f"{task}: difference, at most {NEAR:g} %", f"{difference:+.2f} %", abs(difference) <= NEAR)
    lower = [(np.percentile(ours, part) / np.percentile(theirs, part) - 1) * 100 for part in (10, 25)]
    yield Row(f"{task}: of percentiles 10 and 25", ", ".join(f"{one:+.2f} %" for one in lower))


def _of_processes(bundle: Bundle, runs: int, *, ours_first: bool) -> tuple[list[float], list[float]]:
    """What one process of each measures in turn."""
    theirs: list[float] = []
    predictor = LocalDevice().open(bundle)
    with _bare_loop(bundle) as bare:
        try:
            sampler = Sampler(predictor, bundle.golden()[0], monotonic_since(time.monotonic()))
            sampler.warm_up(10.0)
            usual = float(np.median(bare.run(len(sampler.warmup.values) + 1)))
            wake = round(WAKE_MS / usual) if usual < WAKE_MS else 0
            for number in range(ROUNDS):
                for ours in (ours_first, not ours_first) if number % 2 == 0 else (not ours_first, ours_first):
                    if not ours:
                        theirs += bare.run(wake + runs)[wake:]
                        continue
                    wanted = Conditions(runs=runs * (number + 1), seconds=0.0)
                    while not sampler.enough(wanted):  # where the host took long, a batch is small
                        sampler.batch(wanted)
        finally:
            predictor.close()
    return sampler.runs.values, theirs


@contextmanager
def _bare_loop(bundle: Bundle) -> Iterator[BareLoop]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "input.npy"
        np.save(file, bundle.golden()[0])
        words = [sys.executable, "-c", BARE, str(bundle.model_path.absolute()), str(file)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        ) as process:
            try:
                yield BareLoop(process)
            finally:
                process.kill()
