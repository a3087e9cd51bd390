"""One-shot runs of the native runner around a network that echoes: reports, files, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Parts = Callable[..., Any]


@pytest.fixture
def line(tmp_path: Path) -> Path:
    path = tmp_path / "line.npy"
    np.save(path, np.arange(12, dtype=np.float32).reshape(2, 6))
    return path


def test_report_and_outputs(parts: Parts, line: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.zeros((1, 3), np.float32))
    words = ("--model", "m.nb", "--input", line, "--input", "one.npy", "--warmup", 2, "--repeats", 5)
    ended = parts("once", *words, "--output", "out/deep")
    assert (ended.code, ended.err) == (0, "")
    report = json.loads(ended.out)
    assert list(report) == [
        *("runner", "library", "library_version", "model", "threads", "power_mode"),
        *("load_ms", "cases", "peak_rss_mb"),
    ]
    assert (report["runner"], report["library"]) == ("native", "echo")
    assert [case["input"] for case in report["cases"]] == [str(line), "one.npy"]
    for number, (case, shape) in enumerate(zip(report["cases"], ([2, 6], [1, 3]), strict=True)):
        assert list(case) == ["input", "shape", "warmup_ms", "samples_ms", "cpu_ms", "outputs"]
        assert (case["shape"], len(case["warmup_ms"]), len(case["samples_ms"])) == (shape, 2, 5)
        assert len(case["cpu_ms"]) == 5
        file = f"out/deep/{number}_0.npy"
        assert case["outputs"] == [{"shape": shape, "dtype": "float32", "file": file}]
        np.testing.assert_array_equal(np.load(tmp_path / file), np.load(tmp_path / case["input"]))


def test_report_of_its_own_and_an_odd_name(parts: Parts, line: Path, tmp_path: Path, odd_name: str) -> None:
    line.rename(tmp_path / odd_name)
    ended = parts(
        "once", "--model", "m.nb", "--input", odd_name, "--warmup", 0, "--report", odd_name + ".json"
    )
    assert (ended.code, ended.out) == (0, b"")
    (case,) = json.loads((tmp_path / (odd_name + ".json")).read_text())["cases"]
    assert case["input"] == odd_name
    assert case["outputs"] == [{"shape": [2, 6], "dtype": "float32"}]
    assert len(list(tmp_path.iterdir())) == 2, "no unfinished file is left"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--input", "nosuch.npy"], "--input nosuch.npy: cannot be read (No such file or directory)"),
        (["--input", "."], "--input .: cannot be read (Is a directory)"),
        (["--input", "text.npy"], "--input text.npy: not a .npy tensor, it does not start like a .npy file"),
        (
            ["--input", "line.npy", "--input", "scalar.npy", "--output", "o"],
            "--input scalar.npy: one tensor with axes",
        ),
        (
            ["--input", "line.npy", "--output", "line.npy/o"],
            "--output line.npy/o/0_0.npy: cannot be written (Not a dir",
        ),
        (["--input", "line.npy", "--report", "no/r.json/"], "--report no/r.json/: cannot be written"),
    ],
)
def test_refusals_leave_nothing(
    parts: Parts, line: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    (tmp_path / "text.npy").write_text("hello")
    np.save(tmp_path / "scalar.npy", np.float32(3))
    before = sorted(tmp_path.iterdir())
    ended = parts("once", "--model", "m.nb", *words)
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith(f"runner: {message}")
    assert ended.err.count("\n") == 1
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "no"] == before


def test_nobody_reads_the_report(parts_program: Path, line: Path) -> None:
    import subprocess

    command = [str(parts_program), "once", "--model", "m.nb", "--input", str(line)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=20, check=False)
    assert done.returncode == 2
    assert b"standard output: cannot be written (No space left on device)" in done.stderr
