"""One-shot runs: inputs in, outputs and a report out, and one line for everything that is wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.bundle.bundle import Bundle
from edge.nb.header import HEADER_SIZE
from edge.predictor.lite import lite_predictor
from tests.edge.standstill import computed, ending_at_once
from tests.processes import wait_until

pytestmark = pytest.mark.embedded
Runner = Callable[..., Any]


def test_a_report_with_everything_that_help_promises(
    runner: Runner, model: Path, line: Path, tmp_path: Path
) -> None:
    np.save(tmp_path / "one.npy", np.zeros((1, 3, 48, 192), np.float32))
    words = ("--input", line, "--input", "one.npy", "--warmup", 2, "--repeats", 5, "--output", "out")
    ended = runner("--model", model, *words)
    assert ended.code == 0, ended.err
    report = json.loads(ended.out)
    assert list(report) == [
        *("runner", "library", "library_version", "model", "threads", "power_mode"),
        *("load_ms", "cases", "peak_rss_mb"),
    ]
    assert (report["runner"], report["library"]) == ("python", "paddlelite")
    assert report["library_version"].startswith("v2.")
    assert (report["model"], report["threads"], report["power_mode"]) == (str(model), 1, "none")
    assert 0 < report["load_ms"] < 10_000
    assert 20 < report["peak_rss_mb"] < 1000
    assert [case["input"] for case in report["cases"]] == [str(line), "one.npy"]
    for number, (case, batch) in enumerate(zip(report["cases"], (2, 1), strict=True)):
        assert list(case) == ["input", "shape", "warmup_ms", "samples_ms", "cpu_ms", "outputs"]
        assert case["shape"] == [batch, 3, 48, 192]
        assert (len(case["warmup_ms"]), len(case["samples_ms"]), len(case["cpu_ms"])) == (2, 5, 5)
        assert all(0 < sample < 10_000 for sample in case["warmup_ms"] + case["samples_ms"])
        # one thread: the processor is busy no longer than the clock says, by the clocks' own grain
        assert all(0 < cpu <= ms + 1 for cpu, ms in zip(case["cpu_ms"], case["samples_ms"], strict=True))
        file = f"out/{number}_0.npy"
        assert case["outputs"] == [{"shape": [batch, 2], "dtype": "float32", "file": file}]
        assert np.load(tmp_path / file).sum(axis=1) == pytest.approx([1] * batch), "a softmax"


def test_outputs_are_those_of_the_conversation(
    runner: Runner, default_bundles: Mapping[str, Bundle], line: Path, tmp_path: Path
) -> None:
    bundle = default_bundles["cls"]
    assert runner("--model", bundle.model_path, "--input", line, "--output", tmp_path / "out").code == 0
    with lite_predictor(bundle.model_path, bundle.nb, bundle.manifest.input) as predictor:
        np.testing.assert_array_equal(np.load(tmp_path / "out/0_0.npy"), predictor.run([np.load(line)])[0])


def test_defaults_and_a_report_of_its_own(runner: Runner, model: Path, line: Path, tmp_path: Path) -> None:
    ended = runner("--model", model, "--input", line, "--warmup", 0, "--report", "r.json")
    assert (ended.code, ended.out) == (0, "")
    (case,) = json.loads((tmp_path / "r.json").read_text())["cases"]
    assert case["warmup_ms"] == []
    assert len(case["samples_ms"]) == 1
    assert case["outputs"] == [{"shape": [2, 2], "dtype": "float32"}], "no file without --output"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["line.npy", "r.json"]


def test_an_output_is_compared(
    runner: Runner, default_bundles: Mapping[str, Bundle], model: Path, tmp_path: Path
) -> None:
    bundle = default_bundles["cls"]
    given, expected = bundle.golden()
    np.save(tmp_path / "in.npy", given)
    np.save(tmp_path / "out.npy", expected)
    np.save(tmp_path / "turned.npy", expected[:, ::-1])
    words = ("--model", model, "--input", "in.npy", "--tolerance", "1e-4")
    same = runner(*words, "--compare", "out.npy")
    assert same.code == 0, same.err
    assert json.loads(same.out)["cases"][0]["difference"] < 1e-4
    other = runner(*words, "--compare", "turned.npy")
    assert other.code == 1
    assert json.loads(other.out)["cases"][0]["difference"] > 0.1, "the report is there all the same"
    assert "runner: --compare turned.npy: the output of in.npy differs by " in other.err


def test_nothing_the_library_prints_is_in_the_report(runner: Runner, model: Path, line: Path) -> None:
    """It prints to standard output at will; ours is the report alone."""
    ended = runner("--model", model, "--input", line)
    assert ended.out.startswith("{")
    assert json.loads(ended.out)


def test_help_names_every_option_and_the_exit_codes(runner: Runner) -> None:
    ended = runner("--help")
    assert ended.code == 0
    options = (
        "model input warmup repeats output report threads power-mode max-predictors cores memory-limit serve"
    )
    for word in (*(f"--{option}" for option in options.split()), "134", "examples:", "peak_rss_mb"):
        assert word in ended.out


BAD_OPTIONS = {
    "nothing": ([], "required: --model"),
    "no input": (["--model", "{model}"], "nothing to do: give --input or --serve"),
    "no model": (["--model", "nosuch.nb", "--input", "line.npy"], "--model nosuch.nb: no such file"),
    "folder as model": (["--model", ".", "--input", "line.npy"], "--model .: is not a file"),
    "picture as model": (["--model", "picture.nb", "--input", "line.npy"], "a picture, no .nb model"),
    "ARM model": (["--model", "{arm}", "--input", "line.npy"], "was converted for arm"),
    "unknown option": (["--model", "{model}", "--fast"], "unrecognized arguments: --fast"),
    "abbreviation": (["--model", "{model}", "--inp", "line.npy"], "unrecognized arguments: --inp"),
    "no repeats": (["--repeats", "0"], "--repeats: '0' is not a whole number of at least 1"),
    "negative warm-up": (["--warmup", "-1"], "--warmup: '-1' is not a whole number"),
    "half a run": (["--repeats", "2.5"], "--repeats: '2.5' is not a whole number"),
    "superscript": (["--repeats", "²"], "--repeats: '²' is not a whole number"),
    "two signs": (["--repeats=--5"], "--repeats: '--5' is not a whole number"),
    "endless number": (["--repeats", "9" * 5000], "is not a whole number"),
    "power mode": (["--power-mode", "turbo"], "--power-mode: invalid choice: 'turbo'"),
    "no value": (["--model"], "--model: expected one argument"),
    "missing input": (["--model", "{model}", "--input", "nosuch.npy"], "--input nosuch.npy: cannot be read"),
    "folder as input": (["--model", "{model}", "--input", "."], "--input .: cannot be read (Is a directory)"),
    "picture as input": (
        ["--model", "{model}", "--input", "picture.nb"],
        "--input picture.nb: not a .npy tensor",
    ),
    "wrong dtype": (
        ["--model", "{model}", "--input", "double.npy"],
        "--input double.npy: input of dtype float64",
    ),
    "pipe as input": (
        ["--model", "{model}", "--input", "pipe.npy"],
        "--input pipe.npy: not a .npy tensor, it is not a regular file",
    ),
    "second input of a wrong dtype": (
        ["--model", "{model}", "--input", "line.npy", "--input", "double.npy", "--output", "out"],
        "--input double.npy: input of dtype float64",
    ),
    "second input of one axis": (
        ["--model", "{model}", "--input", "line.npy", "--input", "flat.npy", "--output", "out"],
        "--input flat.npy: input of dtype float32 and shape (6,)",
    ),
    "batch of nothing": (["--model", "{model}", "--input", "empty.npy"], "and shape (0, 3, 48, 192)"),
    "output is a file": (
        ["--model", "{model}", "--input", "line.npy", "--output", "line.npy"],
        "--output line.npy: is not a folder",
    ),
    "output below a file": (
        ["--model", "{model}", "--input", "line.npy", "--output", "line.npy/out"],
        "--output line.npy/out/0_0.npy: cannot be written (Not a directory)",
    ),
    "report is a folder": (
        ["--model", "{model}", "--input", "line.npy", "--report", "."],
        "--report .: is a folder",
    ),
    "report in no folder": (
        ["--model", "{model}", "--input", "line.npy", "--report", "no/r.json"],
        "--report no/r.json: its folder does not exist",
    ),
}


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_bad_options_are_one_line(
    runner: Runner, model: Path, arm_model: Path, line: Path, tmp_path: Path, name: str
) -> None:
    words, message = BAD_OPTIONS[name]
    (tmp_path / "picture.nb").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    np.save(tmp_path / "double.npy", np.zeros((1, 3, 48, 192)))
    np.save(tmp_path / "empty.npy", np.zeros((0, 3, 48, 192), np.float32))
    np.save(tmp_path / "flat.npy", np.zeros(6, np.float32))
    os.mkfifo(tmp_path / "pipe.npy")
    before = sorted(tmp_path.iterdir())
    ended = runner(*(word.format(model=model, arm=arm_model) for word in words))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("runner: ")
    assert message in ended.err
    assert ended.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_the_library_aborts(runner: Runner, model: Path, tmp_path: Path) -> None:
    """A shape that only the library can judge: it aborts, and its words are there for the explanation."""
    np.save(tmp_path / "rank.npy", np.zeros((3, 48, 192), np.float32))
    ended = runner("--model", model, "--input", "rank.npy", "--report", "r.json")
    assert ended.code == -signal.SIGABRT, "134 in a shell"
    assert "Check failed" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["rank.npy"], "no report, no core file"


def test_damaged_weights_are_seen_before_the_library_sees_them(
    runner: Runner, model: Path, line: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.nb"
    shutil.copyfile(model, damaged)
    with damaged.open("r+b") as stream:
        stream.seek(HEADER_SIZE + 40)
        stream.write(b"\xff" * 64)
    ended = runner("--model", damaged, "--input", line)
    assert ended.code == 2
    assert ended.err.startswith(f"runner: --model {damaged}: damaged")


def test_ctrl_c_ends_it_without_a_traceback(default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    """Also inside the library, which holds Python's lock for the whole run."""
    words = ["--model", str(default_bundles["det"].model_path), "--output", str(tmp_path / "out")]
    for name, side in (("small", 32), ("page", 960)):
        np.save(tmp_path / f"{name}.npy", np.zeros((1, 3, side, side), np.float32))
        words += ["--input", str(tmp_path / f"{name}.npy")]
    command = [sys.executable, "-m", "edge.runner", *words, "--repeats", "100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # the first input is done, so it runs the second one, which takes minutes
        wait_until((tmp_path / "out" / "0_0.npy").exists, 60, "the small input's output")
        with ending_at_once(process.pid, after=computed(process.pid) + 0.1):
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert out == b""
    assert b"Traceback" not in err
