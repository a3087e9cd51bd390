"""``ppocr-edge measure``: what it prints, stores, refuses, and how it goes on after it was broken off."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest
from command_run import CommandRun

from deploy_tools.demo.page import render_sample_page
from deploy_tools.measurement.json_form import measurement_from_json
from deploy_tools.measurement.run import Run
from deploy_tools.results.opening import open_results
from edge.bundle.bundle import Bundle
from tests.devices_kit.made_runner import started, write_inventory, write_made_python
from tests.devices_kit.sshd import started_with
from tests.e2e.command import command
from tests.processes import wait_until

pytestmark = pytest.mark.embedded
QUICK = ("--runs", "3", "--seconds", "0", "--warmup", "0", "--cool-down", "0")
Fleet = Callable[..., Path]


@pytest.fixture
def measure(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CommandRun:
    """``measure(*words)``: standard output; results in a store of the test's own."""
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path / "results.db"))
    return CommandRun(capsys, "measure")


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """``fleet(NAME={how})``: an inventory of devices of this host; see `write_made_python`."""

    def make(**devices: Mapping[str, object]) -> Path:
        for name, how in devices.items():
            write_made_python(tmp_path / name, **how)  # type: ignore[arg-type]
        return write_inventory(tmp_path / "devices.yml", {name: tmp_path / name for name in devices})

    return make


@pytest.fixture
def cls(default_bundles: Mapping[str, Bundle]) -> Bundle:
    return default_bundles["cls"]


def test_latency(measure: CommandRun, fleet: Fleet, cls: Bundle, tmp_path: Path) -> None:
    inventory = fleet(one={"times": [50.0, 20.0, 10.0]}, two={"times": [5.0]})
    words = ("latency", str(cls.folder), "--inventory", str(inventory), "--device", "all")
    out = measure(*words, *QUICK, "--runs", "12", "--tag", "main", "--threads", "2")
    lines = [re.split(r"  +", line.strip()) for line in out.splitlines()]
    assert lines[0][:4] == ["device", "model", "input", "threads"]
    assert [line[0] for line in lines[1:]] == ["one", "two"]
    assert "50.0 ms" in lines[1]
    assert any(cell.startswith("10.0") for cell in lines[1])
    found = re.search(r"run ([0-9a-f]{12}), kept in .*results.db", measure.err)
    assert found is not None
    with open_results(tmp_path / "results.db") as store:
        run = store.find("main")
        assert run.id == found[1]
        assert run.command.split()[0] == "ppocr-edge"
        kept = store.measurements(run.id)
    assert {one.environment.device for one in kept} == {"one", "two"}
    assert all(len(one.series["run"]) == 12 for one in kept)


def test_json_has_every_sample(measure: CommandRun, cls: Bundle, tmp_path: Path) -> None:
    values = json.loads(measure("latency", str(cls.folder), *QUICK, "--no-save", "--json"))
    (one,) = values["measurements"]
    found = measurement_from_json({key: value for key, value in one.items() if key != "key"})
    assert one["key"] == found.case.key
    assert len(found.series["run"]) == len(found.series["run"].at) == 3
    assert values["missing"] == 0
    assert "kept in" not in measure.err
    assert not (tmp_path / "results.db").exists()


def test_in_turn_tells_who_is_slower(measure: CommandRun, fleet: Fleet, cls: Bundle, tmp_path: Path) -> None:
    import shutil

    for name in ("before", "after"):
        shutil.copytree(cls.folder, tmp_path / name)
    words = [
        str(tmp_path / "before"),
        str(tmp_path / "after"),
        "--inventory",
        str(fleet(one={"pace": 0.001})),
    ]
    out = measure("latency", *words, "--device", "one", "--interleave", *QUICK, "--runs", "30")
    line = out.splitlines()[-1]
    assert line.startswith("one: ")
    assert "before → after" in line
    assert "same" in line
    measure("latency", words[0], "--interleave", code=2)
    assert "--interleave: needs several bundles" in measure.err


def test_sweep_of_a_file(measure: CommandRun, fleet: Fleet, cls: Bundle, tmp_path: Path) -> None:
    inventory = fleet(one={}, two={})
    file = tmp_path / "sweep.yml"
    bundle = json.dumps(str(cls.folder))
    file.write_text(
        f"sweep: 1\nbundles: [{bundle}]\ndevices: [two, one]\nthreads: [1, 2]\npower_mode: [high]\n"
    )
    out = measure("sweep", str(file), "--inventory", str(inventory), *QUICK)
    rows = [re.split(r"  +", line.strip())[:5] for line in out.splitlines()]
    assert rows[0] == ["device", "model", "input", "threads", "power mode"]
    assert [(row[0], row[3], row[4]) for row in rows[1:]] == [
        ("two", "1", "high"),
        ("two", "2", "high"),
        ("one", "1", "high"),
        ("one", "2", "high"),
    ]
    file.write_text(f"sweep: 1\nbundles: [{bundle}]\ndevices: [one]\n")
    measure("sweep", str(file), "--inventory", str(inventory), "--device", "local", *QUICK)
    assert "note: x86 Paddle-Lite on this host" in measure.err, "what is named here counts before the file"
    file.write_text("sweep: 1\nthreads: [1]\n")
    measure("sweep", str(file), code=2)
    assert "sweep.yml: names no bundles; add 'bundles: [FOLDER, …]'" in measure.err


def test_what_fails_is_told_and_kept_and_the_rest_goes_on(measure: CommandRun, cls: Bundle) -> None:
    out = measure("sweep", str(cls.folder), "--threads", "4,1", *QUICK, code=2)
    assert len(out.splitlines()) == 2
    assert "cannot be run with 4 threads: its library has 1" in measure.err
    resumed = re.search(
        r"1 case is not measured; go on with: ppocr-edge (measure sweep --resume \w+)", measure.err
    )
    assert resumed is not None
    assert measure(*resumed[1].split()[1:], code=2) == ""
    assert "1 case was measured before" in measure.err


def test_sustained(measure: CommandRun, fleet: Fleet, cls: Bundle) -> None:
    inventory = fleet(hot={"times": [100.0 + step for step in range(100)], "pace": 0.01})
    words = ("sustained", str(cls.folder), "--inventory", str(inventory), "--device", "hot")
    out = measure(*words, "--minutes", "0.1")
    head, row = (re.split(r"  +", line.strip()) for line in out.splitlines())
    assert head[2:6] == ["minutes", "at first", "at last", "slower by"]
    assert float(row[5].strip("+ %")) > 30
    measure("sustained", "--resume", "last")
    assert "1 case was measured before" in measure.err


def test_parity(
    measure: CommandRun, fleet: Fleet, default_bundles: Mapping[str, Bundle], cls: Bundle
) -> None:
    out = measure("parity", str(cls.folder), str(default_bundles["rec"].folder), "--paddle")
    assert [line.split()[-1] for line in out.splitlines()] == ["verdict", "agrees", "agrees"]
    out = measure("parity", str(default_bundles["det"].folder), "--paddle", "--size", "64x96")
    head, row = (re.split(r"  +", line.strip()) for line in out.splitlines())
    assert head[2:] == ["paddle", "allowed", "verdict"], "there is no golden output of this size"
    assert row[1] == "1x3x64x96"
    inventory = fleet(wrong={"value": 0.7})
    words = ("parity", str(cls.folder), "--inventory", str(inventory), "--device", "wrong")
    assert "differs" in measure(*words, code=1)
    expected = float(np.abs(0.7 - cls.golden()[1]).max())
    assert f"differs from the golden output by {expected:.3g}; 0.001 is allowed" in measure.err
    assert "agrees" in measure(*words, "--tolerance", "0.9")
    odd = fleet(odd={"shape": [1, 3]})
    measure("parity", str(cls.folder), "--inventory", str(odd), "--device", "odd", code=1)
    assert "differs from the golden output by inf" in measure.err


def test_ocr(measure: CommandRun, default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    page = render_sample_page().image
    (tmp_path / "photos").mkdir()
    page.crop((0, 0, 480, 120)).save(tmp_path / "photos" / "a.png")
    (tmp_path / "photos" / "b.png").write_bytes(b"no picture")
    words = [f"--bundle={task}={bundle.folder}" for task, bundle in default_bundles.items()]
    out = measure("ocr", str(tmp_path / "photos"), *words, "--runs", "1", code=2)
    head, row = (re.split(r"  +", line.strip()) for line in out.splitlines())
    assert head[0] == "photograph"
    assert row[0] == "a.png"
    assert "b.png" in measure.err
    with open_results(tmp_path / "results.db") as store:
        good, bad = store.measurements(store.find("last").id)
        assert bad.error
        samples = {name: float(series.values[0]) for name, series in good.series.items()}
    parts = sum(samples[name] for name in ("detect", "classify", "recognize", "rest"))
    assert parts == pytest.approx(samples["run"])
    assert 0 < samples["network"] < samples["run"]
    assert good.texts
    assert good.picture is not None
    assert good.picture.startswith(b"\xff\xd8")
    assert len(good.picture) <= 100_000
    assert good.case.detail == "a.png"
    assert set(good.inputs) == {"det", "cls", "rec", "a.png"}
    assert good.peak_rss_mb is not None
    (tmp_path / "photos" / "b.png").unlink()
    measure("ocr", "--resume", "last", code=2)
    assert "b.png: cannot be read" in measure.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["latency"], "measure latency: names nothing to measure; see"),
        (["sweep", "nosuch"], "nosuch: no such folder"),
        (["latency", "{cls}", "--threads", "1,2"], "--threads: has several values, latency takes one"),
        (["sweep", "{cls}", "--threads", "0"], "'0' is no number of threads, write 1 to 256"),
        (["sweep", "{cls}", "--threads", "2,2"], "names something twice"),
        (["sweep", "{cls}", "--power-mode", "turbo"], "'turbo' is no power mode, write one of high, low"),
        (["sweep", "{cls}", "--size", "640"], "'640' is not HEIGHTxWIDTH"),
        (["sweep", "{cls}", "--size", "33x33"], "--size 33x33: does not suit"),
        (["latency", "{cls}", "--cores", "x"], "'x' is no number of a core"),
        (
            ["latency", "{cls}", "--cores", "0", "--power-mode", "high"],
            "does not go together with power mode high",
        ),
        (["latency", "{cls}", "--tag", "a b"], "cannot be a tag"),
        (["latency", "{cls}", "--tag", "a", "--no-save"], "--tag: does not go together with --no-save"),
        (
            ["latency", "{cls}", "--resume", "last"],
            "--resume last: does not go together with what to measure",
        ),
        (
            ["latency", "--resume", "last", "--runs", "3"],
            "does not go together with --runs: the run knows all",
        ),
        (["parity", "{cls}", "--size", "48x192"], "--size: needs --paddle"),
        (["latency", "{cls}", "--device", "nobody"], "there is no device of this name"),
        (["latency", "{cls}", "--size", "48x192", "--input", "x.npy"], "does not go together with --input"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else "",
)
def test_what_is_refused(
    measure: CommandRun, cls: Bundle, words: list[str], message: str, tmp_path: Path
) -> None:
    assert measure(*(word.format(cls=cls.folder) for word in words), code=2) == ""
    assert message in measure.err


def test_a_run_of_another_scenario(measure: CommandRun, cls: Bundle, tmp_path: Path) -> None:
    measure("parity", str(cls.folder), "--tag", "p")
    measure("sweep", "--resume", "p", code=2)
    assert "--resume p: is a run of parity, not of measure sweep" in measure.err
    measure("sweep", "--resume", "last", code=2)
    assert "has no run of measure sweep" in measure.err
    measure("sweep", "--resume", "nosuch", code=2)
    assert "has no run 'nosuch'" in measure.err
    with open_results(tmp_path / "results.db") as store:
        store.begin(Run("0123456789ab", "import", datetime.now(timezone.utc)))
    measure("sweep", "--resume", "0123456789ab", code=2)
    assert "is a run of import, not of measure sweep; name a run that was measured" in measure.err


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_broken_off(
    measure: CommandRun, fleet: Fleet, cls: Bundle, tmp_path: Path, ending: signal.Signals
) -> None:
    """What was measured is there, and with --resume nothing is measured twice."""
    # each case takes so long that what is left cannot be over before it is broken off
    inventory = fleet(one={"pace": 1.0}, two={"pace": 1.0})
    words = ["sweep", str(cls.folder), "--inventory", str(inventory), "--device", "all", *QUICK]
    words += ["--threads", "1,2,3,4,5,6,7,8"]
    with subprocess.Popen(
        command("measure", *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        wait_until(
            lambda: (
                all(len(started(tmp_path / name)) > 1 for name in ("one", "two"))
                or process.poll() is not None
            ),
            240,
            "one of each is measured",
        )
        process.send_signal(ending)
        _, err = process.communicate(timeout=120)
    for name in ("one", "two"):
        wait_until(lambda name=name: not started_with(f"{tmp_path}/{name}/store"), 60, "nothing runs there")
    if ending == signal.SIGINT:
        assert process.returncode == 130, err
        found = re.search(
            r"(\d+) of 16 cases are measured and kept; go on with: ppocr-edge measure sweep --resume (\w+)",
            err.decode(),
        )
        assert found is not None, err
        assert int(found[1]) >= 2
        reference = found[2]
    else:
        reference = "last"
    with open_results(tmp_path / "results.db") as store:
        before = store.measured(store.find("last").id)
        assert 2 <= len(before) < 16
    fleet(one={}, two={})
    measure("sweep", "--resume", reference)
    with open_results(tmp_path / "results.db") as store:
        run = store.find("last")
        assert len(store.measured(run.id)) == 16
        assert len(store.runs()) == 1
    for name in ("one", "two"):
        counts = Counter(started(tmp_path / name))
        assert set(counts) == {f"{threads} none" for threads in range(1, 9)}
        assert sum(counts.values()) <= 9, "all once, and what was broken off again"


def test_the_quick_benchmark_stores_too(
    capsys: pytest.CaptureFixture[str], cls: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path / "results.db"))
    bench = CommandRun(capsys, "bench")
    bench(str(cls.folder), "--repeats", "3")
    assert not (tmp_path / "results.db").exists()
    bench(str(cls.folder), "--repeats", "3", "--tag", "quick")
    assert "kept in" in bench.err
    with open_results(tmp_path / "results.db") as store:
        run = store.find("quick")
        (one,) = store.measurements(run.id)
        assert store.summary(run.id).finished is not None
    assert (one.case.scenario, one.environment.device, len(one.series["run"])) == ("latency", "local", 3)
    assert one.environment.library == "Paddle-Lite"
    assert len(one.series["run"].flags) == 0, "nobody looked"
    bench(str(cls.folder), "--results", "x.db", code=2)
    assert "--results: is given, and nothing is to be stored; add --save" in bench.err
