"""A store of a million samples: listing, finding, comparing; and eight processes that write at once.

Both kinds of databases; PostgreSQL where it is installed. Commands are timed whole, with the start of Python.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy_tools.measurement.run import Run
from deploy_tools.results.opening import open_results
from deploy_tools.results.record import RunRecord
from deploy_tools.results.store import ResultsStore
from tests.benchmarks.material import Material, Row, show
from tests.results_kit.made import made_measurement, made_run
from tests.results_kit.postgres import Server, find_programs, running_server

ROOT = Path(__file__).parents[2]
RUNS, CASES, SAMPLES = 400, 40, 61  # and one sample each of load and first run
LIST_S, COMPARE_S = 1.0, 2.0
WRITERS, WRITTEN_RUNS, WRITTEN_CASES = 8, 10, 20
ROUNDS = 5


def measure(material: Material) -> bool:
    """Fill stores, ask them, and let several processes write to them."""
    programs = find_programs()
    with tempfile.TemporaryDirectory(prefix="ppocr-results-") as folder:
        met = _one_kind("SQLite", str(Path(folder) / "million.db"), str(Path(folder) / "writers.db"))
        if programs is None:
            print("  PostgreSQL is not installed (apt-get install postgresql): left out")
            return met
        with running_server(programs) as server:
            return _postgresql(server) and met


def _postgresql(server: Server) -> bool:
    return _one_kind("PostgreSQL", server.create("million"), server.create("writers"))


def _one_kind(kind: str, where: str, for_writers: str) -> bool:
    with open_results(where) as store, _timed() as filling:
        ids = _fill(store)
    rows = [
        Row(f"samples of {RUNS} runs of {CASES} cases", f"{RUNS * CASES * (SAMPLES + 2):,}"),
        Row("… kept in", f"{filling()[0]:.0f} s, {filling()[0] / RUNS / CASES * 1e3:.1f} ms a measurement"),
    ]
    if "://" not in where:
        rows.append(Row("size of the file", f"{Path(where).stat().st_size / 1e6:.1f} MB"))
    for label, most, words in (
        ("results list", LIST_S, ["results", "list"]),
        ("results list --all", LIST_S, ["results", "list", "--all"]),
        ("results list --tag main", LIST_S, ["results", "list", "--tag", "main"]),
        ("results show", None, ["results", "show", ids[7]]),
        ("compare of two runs", COMPARE_S, ["compare", ids[0], ids[1], "--threshold", "90"]),
    ):
        rows.append(_command(label, most, [*words, "--results", where]))
    with open_results(where) as store:
        for label, work in (
            ("reading two runs with their samples", lambda: [store.measurements(one) for one in ids[:2]]),
            ("history of a case over all runs", lambda: store.history(case=made_measurement(3).case.key)),
            ("finding a run by its tag", lambda: store.find("main")),
        ):
            rows.append(Row(f"{label}, in the program", f"{_best(work) * 1e3:.0f} ms"))
    rows.append(_lost(for_writers))
    return show(f"{kind}: a million samples", rows)


def _fill(store: ResultsStore) -> list[str]:
    """Runs of the same cases, one of them with a tag; returns their ids."""
    measured = [made_measurement(case, samples=SAMPLES) for case in range(CASES)]
    ids = []
    for minute in range(RUNS):
        run: Run = made_run(minute, tags=("main",) if minute % 10 == 0 else ())
        store.import_run(RunRecord(run, run.started, tuple(measured)))
        ids.append(run.id)
    return ids


def _command(label: str, most: float | None, words: Sequence[str]) -> Row:
    """The best of some rounds of a command, in seconds of the clock and of the processor."""
    taken = []
    for _ in range(ROUNDS):
        with _timed() as seconds:
            done = subprocess.run(
                [sys.executable, "-m", "deploy_tools.cli.main", *words],
                cwd=ROOT,
                capture_output=True,
                check=False,
            )
        assert done.returncode in (0, 1), done.stderr.decode()
        taken.append(seconds())
    wall, cpu = min(taken)
    target = "" if most is None else f" (at most {most:.0f} s)"
    return Row(f"{label}{target}", f"{wall:.2f} s, {cpu:.2f} s of it computing", most is None or wall <= most)


def _best(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        with _timed() as seconds:
            work()
        taken.append(seconds()[0])
    return min(taken)


def _lost(where: str) -> Row:
    """Several processes write to a new store: what is missing of what they were told is kept."""
    words = [sys.executable, "-m", "tests.results_kit.writer", where, str(WRITTEN_RUNS), str(WRITTEN_CASES)]
    with _timed() as seconds:
        writers = [
            subprocess.Popen([*words, f"device {number}"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            for number in range(WRITERS)
        ]
        said = [writer.communicate()[0].splitlines() for writer in writers]
    kept = 0
    with open_results(where, create=False) as store:
        measured = {one.run.id: store.measured(one.run.id) for one in store.runs()}
        for number, lines in enumerate(said):
            added = [line.split(maxsplit=2)[1:] for line in lines if line.startswith("added ")]
            kept += sum((f"device {number}", key) in measured.get(run, ()) for run, key in added)
    wanted = WRITERS * WRITTEN_RUNS * WRITTEN_CASES
    failed = sum(writer.returncode != 0 for writer in writers)
    return Row(
        f"{WRITERS} processes at once: lost measurements of {wanted:,} (0)",
        f"{wanted - kept}, in {seconds()[0]:.0f} s",
        wanted == kept and not failed,
    )


@contextmanager
def _timed() -> Iterator[Callable[[], tuple[float, float]]]:
    """Gives what tells, after the block, its seconds by the clock and those its child processes computed."""
    started, computed = time.perf_counter(), _children()
    ended: list[float] = []

    def seconds() -> tuple[float, float]:
        return ended[0] - started, ended[1] - computed

    try:
        yield seconds
    finally:
        ended[:] = [time.perf_counter(), _children()]


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
