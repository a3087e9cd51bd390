"""Many writers at once, and writers that are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from deploy_tools.results.opening import open_results
from tests.results_kit.made import made_measurement, made_run

ROOT = Path(__file__).resolve().parents[3]
WRITERS, RUNS, MEASUREMENTS = 8, 2, 5


def _writer(where: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.results_kit.writer", where, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_eight_processes_make_a_store_and_write_at_once(where: str) -> None:
    writers = _writer(where, RUNS, MEASUREMENTS, "device", WRITERS)
    out, err = writers.communicate(timeout=240)
    assert (writers.returncode, err) == (0, "")
    assert len(out.splitlines()) == WRITERS * RUNS * (MEASUREMENTS + 2)
    with open_results(where, create=False) as store:
        runs = store.runs()
        assert len(runs) == WRITERS * RUNS
        assert all(one.finished and (one.measured, one.failed) == (MEASUREMENTS, 0) for one in runs)
        assert Counter(one.devices for one in runs) == {(f"device {n}",): RUNS for n in range(WRITERS)}
        for one in runs:
            assert all(len(m.series["run"]) == 60 for m in store.measurements(one.run.id))


@pytest.mark.parametrize("after", [1, 17])
def test_a_killed_writer_loses_nothing_that_it_was_told_is_kept(where: str, after: int) -> None:
    open_results(where).close()
    writer = _writer(where, 1000, 10, "pi 4")
    assert writer.stdout is not None
    lines = [writer.stdout.readline() for _ in range(after)]
    writer.send_signal(signal.SIGKILL)
    rest, err = writer.communicate(timeout=120)
    assert writer.returncode == -signal.SIGKILL, err
    lines += rest.splitlines()
    assert all(lines)
    words = [line.split(maxsplit=2) for line in lines if line]
    with open_results(where, create=False) as store:
        for kind, run_id, *more in words:
            if kind == "added" and more:
                assert ("pi 4", more[0].strip()) in store.measured(run_id)
            elif kind == "began":
                assert store.find(run_id).id == run_id
            elif kind == "finished":
                assert store.summary(run_id).finished is not None
        (newest, *older) = store.runs()
        assert all(one.measured == 10 for one in older)
        assert all(len(m.series["run"]) == 60 for m in store.measurements(newest.run.id))
        run = made_run(10_000)  # and nothing stands in the way of the next one
        store.begin(run)
        store.add(run.id, made_measurement())
        assert store.find("last").id == run.id
