"""``ppocr-edge compare`` with real stores and files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from command_run import CommandRun

from deploy_tools.bench import BenchResult
from deploy_tools.cli.main import main
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run, new_run_id
from deploy_tools.measurement.series import Series
from deploy_tools.results.export_file import write_export
from deploy_tools.results.opening import open_results


@pytest.fixture
def compare(capsys: pytest.CaptureFixture[str]) -> CommandRun:
    return CommandRun(capsys, "compare")


def _times(milliseconds: float, seed: int, count: int = 60) -> np.ndarray:
    return milliseconds * np.exp(np.random.default_rng(seed).normal(0, 0.01, count))


def _keep(store: Path, tag: str, medians: Mapping[str, float], device: str = "pi4", seed: int = 0) -> str:
    started = datetime(2026, 11, 26, tzinfo=timezone.utc) + timedelta(hours=seed)
    run = Run(new_run_id(), "latency", started, tags=(tag,))
    with open_results(store) as results:
        results.begin(run)
        for number, (subject, median) in enumerate(medians.items()):
            case = Case("latency", subject, shape=(1, 3, 64, 64))
            times = _times(median, seed + number)
            series = Series("run", times, at=np.cumsum(times) / 1000)
            results.add(run.id, Measurement(case, Environment(device), run.started, 1.0, {"run": series}))
        results.finish(run.id)
    return run.id


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two runs, and of five between them that say how steady the device is; not to be changed."""
    path = tmp_path_factory.mktemp("compared") / "results.db"
    _keep(path, "main", {"det": 100, "rec": 50, "gone": 3})
    for number in range(5):
        _keep(path, "between", {"det": 100, "rec": 50}, seed=2 + number)
    _keep(path, "pr", {"det": 106, "rec": 50, "new": 3}, seed=10)
    return path


@pytest.fixture
def store(kept: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(kept))
    return kept


def test_a_regression_ends_with_1(store: Path, compare: CommandRun) -> None:
    lines = compare("main", "pr", code=1).splitlines()
    det = next(line for line in lines if " det " in line)
    assert "100." in det
    assert det.rstrip().endswith("slower")
    assert next(line for line in lines if " rec " in line).rstrip().endswith("same")
    assert [line for line in lines if line.startswith("not compared")] == [
        "not compared: pi4: latency / new / fp32 / 1x3x64x64 / 1 thread: only in pr",
        "not compared: pi4: latency / gone / fp32 / 1x3x64x64 / 1 thread: only in main",
    ]
    assert lines[-1] == "1 slower (1 by more than 3 %), 1 same"
    assert "A: main, run " in compare.err


def test_what_is_wanted_decides(store: Path, compare: CommandRun) -> None:
    assert "slower (0 by more than 10 %)" in compare("main", "pr", "--threshold", "10")
    assert " det " not in compare("main", "last", "--model", "re*")
    assert "faster" in compare("pr", "main", "--device", "pi*")


def test_markdown_and_json(store: Path, compare: CommandRun) -> None:
    assert compare("main", "pr", "--markdown", code=1).startswith("### `main` → `pr`: 1 slower")
    values = json.loads(compare("main", "pr", "--json", "--confidence", "99", code=1))
    assert [case["verdict"] for case in values["cases"]] == ["slower", "same"]
    assert values["settings"]["confidence"] == 0.99


def test_two_models_of_one_run(store: Path, compare: CommandRun) -> None:
    out = compare("main", "main", "--pair", "det=rec")
    assert "latency / det → rec / fp32" in out
    assert "faster" in out


def test_exports_are_compared_without_a_store(
    tmp_path: Path, compare: CommandRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "results.db"
    _keep(store, "main", {"det": 100, "rec": 50})
    _keep(store, "pr", {"det": 106, "rec": 60}, seed=10)
    for tag in ("main", "pr"):
        words = ["results", "export", tag, "-o", str(tmp_path / f"{tag}.json.gz"), "--results", str(store)]
        assert main(words) == 0
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path / "none.db"))
    files = str(tmp_path / "main.json.gz"), str(tmp_path / "pr.json.gz")
    values = json.loads(compare(*files, "--json", code=1))
    assert [case["verdict"] for case in values["cases"]] == ["unsure", "slower"]
    assert values["regressions"] == 1
    det, rec = compare(*files, code=1).splitlines()[1:3]
    assert det.rstrip().endswith("unsure: measure in turn"), "nothing says how steady the device is"
    assert rec.rstrip().endswith("slower")
    assert not (tmp_path / "none.db").exists()


def test_what_bench_printed_is_compared(tmp_path: Path, compare: CommandRun) -> None:
    for name, median in (("before", 10.0), ("after", 12.0)):
        result = BenchResult(
            "bundles/ch_det-arm",
            "pi4",
            "Paddle-Lite v2.13-rc",
            (1, 3, 64, 64),
            20.0,
            30.0,
            (),
            tuple(_times(median, 1 if name == "before" else 2, 30).tolist()),
            50.0,
        )
        (tmp_path / f"{name}.json").write_text(json.dumps([result.to_json()]))
    out = compare(str(tmp_path / "before.json"), str(tmp_path / "after.json"), code=1)
    assert "slower" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("main", "main"), "is one run twice"),
        (("main", "nothing"), "has no run 'nothing'"),
        (("main", "none.json"), "none.json: cannot be read"),
        (("main", "pr", "--model", "none"), "have no case in common"),
        (("main", "pr", "--json", "--markdown"), "does not go together"),
        (("main", "pr", "--pair", "fp32"), "is not OLD=NEW"),
        (("main", "pr", "--pair", "fp32=fp32"), "is not OLD=NEW"),
        (("main", "pr", "--threshold", "-1"), "--threshold"),
        (("main", "pr", "--threshold", "nan"), "--threshold"),
    ],
)
def test_bad_input_ends_with_2_in_one_line(
    store: Path, compare: CommandRun, words: tuple[str, ...], complaint: str
) -> None:
    assert compare(*words, code=2) == ""
    assert complaint in compare.err
    assert compare.err.count("\n") == 1


def test_a_device_whose_runs_differ_is_known_for_it(tmp_path: Path, compare: CommandRun) -> None:
    path = tmp_path / "shaky.db"
    for number, median in enumerate((100, 109, 96, 104, 111, 99, 100, 107)):
        _keep(path, f"run{number}", {"det": median}, seed=number)
    out = compare("run6", "run7", "--results", str(path))
    assert "unsure" in out
    assert "earlier runs differed by " in out


def test_a_file_that_is_no_results(tmp_path: Path, compare: CommandRun) -> None:
    for name, content in (("a.json", "{}"), ("b.json", "[1, 2"), ("c.json", "")):
        (tmp_path / name).write_text(content)
        assert compare(str(tmp_path / name), "x.json", code=2) == ""
        assert name in compare.err
    write_export("-o", tmp_path / "none.json", [])
    assert compare(str(tmp_path / "none.json"), "x.json", code=2) == ""
    assert "none.json: holds no measurements; give a run that measured something" in compare.err


def test_no_store_is_made(tmp_path: Path, compare: CommandRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path / "none.db"))
    assert compare("main", "pr", code=2) == ""
    assert "holds no results" in compare.err
    assert list(tmp_path.iterdir()) == []
