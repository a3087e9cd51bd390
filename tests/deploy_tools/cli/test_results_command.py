"""``ppocr-edge results`` from the outside."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from deploy_tools.measurement.run import Run
from deploy_tools.results.opening import open_results
from deploy_tools.results.pruning import worth_forgetting
from deploy_tools.results.summary import RunSummary
from tests.deploy_tools.cli.command_run import CommandRun
from tests.results_kit.made import WHEN, made_measurement, made_run

COMMANDS = ("list", "show", "export", "import", "tag", "untag", "prune")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> CommandRun:
    return CommandRun(capsys, "results")


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own store, in a folder of the test's."""
    monkeypatch.delenv("PPOCR_EDGE_RESULTS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "ppocr-edge" / "results.db"


@pytest.fixture
def runs(own: Path) -> list[Run]:
    """Three runs: of a phone and a board, of the board alone, and one that is not finished."""
    made = [made_run(0, tags=("main",)), made_run(60, tags=("v1",)), made_run(120, scenario="ocr")]
    with open_results(own) as store:
        for number, one in enumerate(made):
            store.begin(one)
            store.add(one.id, made_measurement(number, device="board"))
        store.add(made[0].id, made_measurement(8, device="phone [x]"))
        store.add(made[0].id, made_measurement(9, device="phone [x]", error="phone [x]: ran away"))
        for one in made[:2]:
            store.finish(one.id)
    return made


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)])
def test_help_has_examples(run: CommandRun, words: Sequence[str]) -> None:
    text = run(*words, "--help")
    start = text.index("Examples:")
    assert all(
        "ppocr-edge results" in line or "benchmark_bin" in line for line in text[start:].splitlines()[1:]
    )


def test_nothing_measured_is_no_mistake(run: CommandRun, own: Path) -> None:
    assert run("list") == f"{own} holds no runs yet; measure with 'ppocr-edge measure'\n"
    assert run("list", "--json") == "[]\n"
    assert not own.exists()
    run("show", "last", code=2)
    assert run.err.startswith(f"ppocr-edge: {own}: holds no results; measure with")
    run("list", "--results", str(own), code=2)


def test_runs_are_listed(run: CommandRun, runs: list[Run]) -> None:
    lines = run("list").splitlines()
    assert [line.split()[0] for line in lines] == ["run", runs[2].id, runs[1].id, runs[0].id]
    assert lines[1].split()[3:] == ["ocr", "board", "1", "(unfinished)", "62"]
    assert lines[3].split()[4:] == ["board,", "phone", "[x]", "2,", "1", "failed", "124", "main"]
    assert [line.split()[0] for line in run("list", "--limit", "1").splitlines()[1:]] == [runs[2].id]
    assert run.err == "there are older ones: see --limit and --all\n"
    assert run("list", "--limit", "3") == run("list", "--all")
    assert run.err == ""
    (row,) = json.loads(run("list", "--device", "phone [x]", "--json"))
    assert (row["run"], row["measured"], row["failed"], row["tags"]) == (runs[0].id, 2, 1, ["main"])
    assert [row["run"] for row in json.loads(run("list", "--scenario", "ocr", "--json"))] == [runs[2].id]
    assert "has no such runs" in run("list", "--tag", "none")


def test_a_run_is_shown(run: CommandRun, runs: list[Run]) -> None:
    text = run("show", "main")
    assert f"{runs[0].id}  latency" in text
    assert "tags      main" in text
    assert "Paddle-Lite v2.13-rc" in text
    assert (
        "phone [x]: latency / ch_det / fp32 / 1x3x640x640 / 4 threads / high / case 9: phone [x]: ran away"
        in text
    )
    row = next(line for line in text.splitlines() if "case 8" in line)
    assert row.split()[-1] == "145"
    assert " 60 " in row
    assert "case 8" not in run("show", "main", "--device", "board")
    assert "not yet, or it was broken off" in run("show", "last")
    values = json.loads(run("show", runs[0].id[:6], "--json"))
    assert values["run"] == runs[0].id
    series = values["measurements"][1]["series"]["run"]
    assert (series["count"], series["unit"]) == (60, "ms")
    sound = made_measurement(8).series["run"].sound
    assert series["flagged"] == 60 - len(sound) > 0
    assert series["p50"] == pytest.approx(float(sorted(sound)[len(sound) // 2]), rel=0.01)
    run("show", "nothing", code=2)
    assert "has no run 'nothing'; see 'ppocr-edge results list'" in run.err


def test_runs_travel_to_another_store(run: CommandRun, runs: list[Run], tmp_path: Path) -> None:
    out = tmp_path / "out" / "two.json.gz"
    assert run("export", "main", "v1", "main", "-o", str(out)) == ""
    assert run.err == f"wrote 2 runs with 4 measurements to {out}\n"
    assert len(json.loads(gzip.decompress(out.read_bytes()))["runs"]) == 2
    other = str(tmp_path / "other.db")
    words = ("import", str(out), "--results", other, "--tag", "imported")
    assert run(*words).splitlines() == [
        f"{runs[0].id}  3 measurements of {out}",
        f"{runs[1].id}  1 measurement of {out}",
    ]
    assert f"{runs[1].id}  0 measurements of {out}, 1 were there already" in run(*words)
    assert json.loads(run(*words, "--json"))[0] == {
        "file": str(out),
        "run": runs[0].id,
        "new": 0,
        "already_there": 3,
    }
    there = json.loads(run("list", "--results", other, "--json"))
    assert [(row["run"], row["tags"]) for row in there] == [
        (runs[1].id, ["imported", "v1"]),
        (runs[0].id, ["imported", "main"]),
    ]


def test_runs_travel_through_a_pipe(runs: list[Run], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy_tools.cli.main", "results"]
    export = subprocess.run([*command, "export", "last", "-o", "-"], capture_output=True, check=True)
    words = [*command, "import", "-", "--results", str(tmp_path / "other.db")]
    done = subprocess.run(words, input=export.stdout, capture_output=True, check=True)
    assert done.stdout.decode() == f"{runs[2].id}  1 measurement of -\n"


def test_what_paddle_lite_prints_is_imported_and_shown(run: CommandRun, tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    path.write_text("Threads=2 Warmup=1 Repeats=5\nch_det   min = 1.0   max = 3.0   average = 2.5\n")
    run("import", str(path), code=2)
    assert run.err.startswith(
        f"ppocr-edge: {path}: does not say which device it is from; name it with --device"
    )
    run("import", str(path), "--device", "pixel", "--tag", "before")
    text = run("show", "before")
    assert "avg 2.5 ms" in text
    assert "average of 5 runs after 1, without samples" in text
    run("import", str(path), "--device", "pixel", "--tag", "a b", code=2)
    assert "cannot be a tag" in run.err


def test_tags_are_given_and_taken(run: CommandRun, runs: list[Run]) -> None:
    assert run("tag", "last", "main", "new") == f"{runs[2].id}  main, new\n"
    assert f"{runs[2].id}  ocr" in run("show", "main")
    assert run("untag", "last", "main") == f"{runs[2].id}  new\n"
    assert f"{runs[0].id}  latency" in run("show", "main")
    run("untag", "last", "new", "main", code=2)
    assert run.err == f"ppocr-edge: run {runs[2].id}: has no tag 'main'; it has new\n"
    assert run("untag", "last", "new") == f"{runs[2].id}  has no tags now\n"
    run("tag", "last", "good", "last", code=2)
    assert "TAG last: cannot be a tag, because it means the newest run" in run.err
    assert json.loads(run("list", "--json"))[0]["tags"] == []


def test_runs_are_forgotten(run: CommandRun, runs: list[Run], own: Path) -> None:
    for words, found in (
        ((), "RUN: is missing; name runs, or give --keep or --older-than"),
        (("last", "--keep", "1"), "RUN: does not go together with --keep"),
        (("--older-than", "90"), "is no age, write for example 90d"),
        (("--older-than", "-3d"), "is no age"),
    ):
        run("prune", *words, code=2)
        assert found in run.err
    with open_results(own) as store:
        old = made_run(-30 * 7 * 24 * 60)
        store.begin(old)
        store.finish(old.id)
    # the others are never so old, whatever day it is
    age = f"{(datetime.now(timezone.utc) - WHEN).days // 7 + 10}w"
    assert run("prune", "--older-than", age, "--dry-run").splitlines()[-1] == "would forget 1 run"
    assert len(json.loads(run("list", "--json"))) == 4
    (gone,) = json.loads(run("prune", "--older-than", age, "--json"))
    assert (gone["run"], gone["forgotten"]) == (old.id, True)
    run("prune", runs[0].id, runs[2].id[:8])
    assert [row["run"] for row in json.loads(run("list", "--json"))] == [runs[1].id]
    run("prune", "--keep", "0")  # it has a tag
    assert [row["run"] for row in json.loads(run("list", "--json"))] == [runs[1].id]


def test_room_is_given_back(run: CommandRun, own: Path) -> None:
    with open_results(own) as store:
        big = made_run()
        store.begin(big)
        for number in range(20):
            store.add(big.id, made_measurement(number, samples=5000))
    size = own.stat().st_size
    run("prune", "last")
    assert own.stat().st_size < size / 4


def test_what_is_worth_forgetting() -> None:
    now = datetime(2026, 11, 26, tzinfo=timezone.utc)

    def summary(days: float, *, tags: tuple[str, ...] = (), finished: bool = True) -> RunSummary:
        started = now - timedelta(days=days)
        one = Run(f"{days:012.0f}", "latency", started, tags=tags)
        return RunSummary(one, now if finished else None, (), 0, 0, 0)

    runs = [
        summary(0.5, finished=False),
        summary(2, finished=False),
        summary(3),
        summary(40, tags=("main",)),
        summary(50),
    ]

    def chosen(keep: int, days: int | None) -> list[int]:
        age = None if days is None else timedelta(days=days)
        return [runs.index(one) for one in worth_forgetting(runs, keep=keep, older_than=age, now=now)]

    assert chosen(0, None) == [1, 2, 4]
    assert chosen(2, None) == [2, 4]
    assert chosen(0, 30) == [4]
    assert chosen(5, 30) == []
    assert chosen(9, None) == []


def test_help_waits_for_no_database() -> None:
    code = (
        "import sys; from deploy_tools.cli.main import main; main(['results', '--help']); "
        "print([name for name in ('sqlalchemy', 'alembic', 'numpy', 'psycopg') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_list_loads_neither_migrations_nor_models(runs: list[Run]) -> None:
    code = (
        "import sys; from deploy_tools.cli.main import main; main(['results', 'list']); "
        "print([name for name in ('alembic', 'paddle', 'psycopg', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_does_not_wait_for_a_writer(own: Path, runs: list[Run], run: CommandRun) -> None:
    import sqlite3

    writer = sqlite3.connect(own, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM ppocr_run")
    started = time.monotonic()
    assert len(json.loads(run("list", "--json"))) == 3
    assert time.monotonic() - started < 30  # one that waits does so for a minute
    writer.execute("ROLLBACK")
    writer.close()


def test_names_of_devices_cannot_steer_the_terminal(run: CommandRun, own: Path) -> None:
    with open_results(own) as store:
        one = made_run()
        store.begin(one)
        store.add(one.id, made_measurement(device="red\x1b[31m", error="\x1b]0;title\x07"))
    assert "\x1b" not in run("list") + run("show", "last")
