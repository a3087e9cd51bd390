"""Records noise: times of real runners of this host, run after run, quiet and disturbed.

``python -m tests.benchmarks.record_traces OUT.npz`` takes what the comparison's trials are made of
(tests/benchmarks/traces.npz). A session is one model in two processes, on one core, that are visited in turn,
`VISIT` runs each, as an interleaved measurement does, and in two more, bound to no core, that are measured
one after the other. So each gives comparisons of a runner with itself in both orders. How much others
computed meanwhile is kept with it.

Sessions are added to what OUT.npz holds, as sessions to judge by. Whoever changes the comparison and looks at
them marks them as looked at, and records new ones. The first there are such. They were recorded by
earlier forms of this program: in visits of 10 runs, without runs to wake the caches, without waits, some with
Paddle as the runner, some put before everything else that ran. Those whose entry names no ``core`` have one
pair of processes for both orders, each on whatever core the kernel chose.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from deploy_tools.default_bundles import default_bundle
from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.settings import RunSettings
from deploy_tools.scenarios.shared_core import shared_core
from edge.predictor.process import ProcessPredictor
from tests.benchmarks.noise import JUDGED

Floats = npt.NDArray[Any]

VISIT: Final = 5
VISITS: Final = 60
WARMUP: Final = 15
WAKE: Final = 2
"""Runs at the beginning of a visit that do not count: the other process had the caches."""
# task, height, width
SUBJECTS: Final = (
    ("cls", 48, 192),
    ("det", 32, 64),
    ("det", 64, 64),
    ("rec", 48, 32),
)
CONDITIONS: Final = ("quiet", "bursts")
_BURSTS: Final = """
import random, time
dice = random.Random({seed})
while True:
    end = time.perf_counter() + dice.expovariate(1 / 0.25)
    while time.perf_counter() < end:
        sum(range(20000))
    time.sleep(dice.expovariate(1 / 0.6))
"""


def main() -> int:
    """Record sessions; they are added to what OUT.npz holds, each when it is done."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.record_traces", description=__doc__)
    parser.add_argument("output", type=Path, metavar="OUT.npz")
    parser.add_argument("--cycles", type=int, default=1, help="sessions of each kind; default: %(default)d")
    parser.add_argument(
        "--wait", type=float, default=60.0, help="for a quiet moment, in seconds; default: %(default)g"
    )
    parser.add_argument(
        "--below", type=float, default=0.25, help="so many cores of others are quiet; default: %(default)g"
    )
    parser.add_argument("--conditions", nargs="+", choices=CONDITIONS, default=CONDITIONS)
    arguments = parser.parse_args()
    arrays = dict(np.load(arguments.output)) if arguments.output.exists() else {}
    sessions: list[dict[str, Any]] = json.loads(bytes(arrays["about"]))["sessions"] if arrays else []
    kinds = itertools.product(range(arguments.cycles), arguments.conditions, SUBJECTS)
    for number, (_, condition, subject) in enumerate(kinds, len(sessions)):
        with _neighbours(condition, number):
            session, values, starts = _record(
                subject, arguments.wait if condition == "quiet" else 0.0, arguments.below
            )
        session["condition"] = condition
        sessions.append(session)
        arrays[f"ms{number}"], arrays[f"at{number}"] = values, starts
        arrays["about"] = np.frombuffer(json.dumps({"sessions": sessions}).encode(), np.uint8)
        np.savez_compressed(arguments.output, **arrays)
        waited = (values[1] > 0.02 * values[0]).mean()
        print(
            session, f"{np.median(values[0], axis=-1).round(3).tolist()} ms, {waited:.0%} waited", flush=True
        )
    return 0


def _record(
    subject: tuple[str, int, int], wait: float, below: float
) -> tuple[dict[str, Any], Floats, Floats]:
    """One session: first two processes in turn, then two others one after the other.

    Args:
        subject: One of `SUBJECTS`.
        wait: For a quiet moment, in seconds.
        below: So many cores of others are quiet.

    Returns:
        What it was; of every run its time and how long it waited for the processor, both in ms, float32
        (2 values, 2 orders, 2 processes, runs); when each visit began, in seconds from the beginning, float32
        (2 orders, 2 processes, visits).
    """
    task, height, width = subject
    tensor = np.ascontiguousarray(
        np.tile(default_bundle(task).golden()[0], (1, 1, 2, 4))[:, :, :height, :width]
    )
    values = np.empty((2, 2, 2, VISITS, VISIT), np.float32)
    starts = np.empty((2, 2, VISITS), np.float32)
    in_turn = [(0, which, visit) for visit in range(VISITS) for which in ((0, 1), (1, 0))[visit % 2]]
    after = [(1, which, visit) for which in (0, 1) for visit in range(VISITS)]
    core = shared_core()
    with ExitStack() as stack:
        predictors = [
            [stack.enter_context(LocalDevice().open(default_bundle(task), settings=bound)) for _ in range(2)]
            for bound in (RunSettings(cores=(core,)), RunSettings())
        ]
        for predictor in itertools.chain(*predictors):
            _visit(predictor, tensor, WARMUP)
        _wait_until_quiet(wait, below)
        begun, others = time.monotonic(), _Others()
        for order, which, visit in (*in_turn, *after):
            _visit(predictors[order][which], tensor, WAKE)
            starts[order, which, visit] = time.monotonic() - begun
            values[:, order, which, visit] = _visit(predictors[order][which], tensor, VISIT)
        cores = others.cores((values[0] - values[1]).sum() / 1000)
    about = {
        "subject": f"{task} {height}x{width}",
        "part": JUDGED,
        "started": round(time.time() - (time.monotonic() - begun), 1),
        "others": round(cores, 2),
        "core": core,
    }
    return about, values.reshape(2, 2, 2, -1), starts


def _visit(predictor: ProcessPredictor, tensor: Floats, count: int) -> Floats:
    """Times and waits of so many runs."""
    runs = np.empty((2, 0))
    while runs.shape[1] < count:
        times = predictor.measure([tensor], count - runs.shape[1])
        runs = np.concatenate([runs, [times, predictor.waits_ms]], axis=1)
    return runs


class _Others:
    """What the machine computes besides us, from now on."""

    def __init__(self) -> None:
        self._begun, self._busy = time.monotonic(), _busy_seconds()

    def cores(self, own_seconds: float) -> float:
        """Cores in use, without so many seconds of our own."""
        passed = time.monotonic() - self._begun
        return max(0.0, (_busy_seconds() - self._busy - own_seconds) / passed)


def _busy_seconds() -> float:
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) / os.sysconf("SC_CLK_TCK")


def _wait_until_quiet(seconds: float, below: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        others = _Others()
        time.sleep(0.4)
        if others.cores(0.0) < below:
            return


@contextmanager
def _neighbours(condition: str, seed: int) -> Iterator[None]:
    if condition == "quiet":
        yield
        return
    neighbour = subprocess.Popen([sys.executable, "-c", _BURSTS.format(seed=seed)])
    try:
        time.sleep(random.Random(seed).uniform(0.0, 0.5))
        yield
    finally:
        neighbour.kill()
        neighbour.wait()


if __name__ == "__main__":
    sys.exit(main())
