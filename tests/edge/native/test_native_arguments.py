"""The native command line against the Python runner's: the same words give the same, or the same refusal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.runner.arguments import DESCRIPTION, parse_arguments

Parts = Callable[..., Any]

GOOD = (
    ["--model", "m.nb", "--serve"],
    ["--model=m.nb", "--input=a.npy", "--input", "b.npy", "--warmup", "0", "--repeats", "20"],
    ["--model", "m.nb", "--input", "a.npy", "--output", "out", "--report", "r.json", "--threads", "4"],
    [
        "--serve",
        "--power-mode",
        "rand-low",
        "--model",
        "m.nb",
        "--max-predictors",
        "2",
        "--memory-limit",
        "9",
    ],
    ["--model", "m.nb", "--serve", "--lifeline", "7"],
    ["--model", "m.nb", "--serve", "--cores", "3,0,1023"],
    ["--model", "m.nb", "--serve", "--threads", "2", "--threads", "3"],
    ["--model", "m.nb", "--input", "a.npy", "--compare", "g.npy", "--tolerance", "1e-3"],
    [
        "--model",
        "m.nb",
        "--input=a.npy",
        "--input=b.npy",
        "--compare=g.npy",
        "--compare=h.npy",
        "--tolerance=0.25",
    ],
    ["--model", "m.nb", "--input", "a.npy", "--compare", "g.npy", "--tolerance", "0"],
)
BAD = (
    [],
    ["--model"],
    ["--model", "m.nb"],
    ["--model", "nosuch.nb", "--serve"],
    ["--model", ".", "--serve"],
    ["--model", "m.nb", "--fast"],
    ["--model", "m.nb", "--inp", "a.npy"],
    ["--repeats", "0"],
    ["--warmup", "-1"],
    ["--repeats", "2.5"],
    ["--repeats", ""],
    ["--repeats=--5"],
    ["--repeats", "it's"],
    ["--repeats", "9" * 5000],
    ["--power-mode", "turbo"],
    ["--cores", ""],
    ["--cores", "0,"],
    ["--cores", "0,-1"],
    ["--cores=1024"],
    ["--cores", "0-3"],
    ["--lifeline", "2"],
    ["--model", "m.nb", "--input", "a.npy", "--compare"],
    ["--model", "m.nb", "--input", "a.npy", "--compare", "g.npy", "--compare", "h.npy"],
    ["--model", "m.nb", "--serve", "--compare", "g.npy"],
    ["--tolerance", "-1"],
    ["--tolerance", "nan"],
    ["--tolerance", "1e999"],
    ["--tolerance", "1."],
    ["--tolerance", ".5"],
    ["--tolerance", "1e"],
    ["--tolerance", "0x1"],
    ["--tolerance", " 1"],
    ["--tolerance", ""],
    ["--tolerance", "1" * 40],
    ["--model", "m.nb", "--input", "--serve"],
    ["--model", "m.nb", "--input", "a.npy", "--output", "m.nb"],
    ["--model", "m.nb", "--input", "a.npy", "--report", "."],
    ["--model", "m.nb", "--input", "a.npy", "--report", "no/r.json"],
    ["--serve=yes", "--model", "m.nb"],
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.nb").write_bytes(b"")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("words", GOOD, ids=" ".join)
def test_the_same_words_give_the_same(parts: Parts, words: list[str]) -> None:
    ended = parts("arguments", *words)
    assert ended.code == 0, ended.err
    expected = {
        name: [str(one) for one in value]
        if isinstance(value, list)
        else str(value)
        if isinstance(value, Path)
        else value
        for name, value in vars(parse_arguments(words)).items()
    }
    assert json.loads(ended.out) == expected


@pytest.mark.parametrize("words", BAD, ids=lambda words: " ".join(words)[:40] or "nothing")
def test_the_same_words_are_refused_alike(
    parts: Parts, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments(words)
    assert ended.value.code == 2
    native = parts("arguments", *words)
    assert native.code == 2
    assert native.err == capsys.readouterr().err


def test_help_names_what_the_python_runner_has(parts: Parts) -> None:
    """The same options and the same fields of the report."""
    ended = parts("arguments", "--help")
    assert ended.code == 0
    words = ended.out.decode().split()
    python = subprocess.run([sys.executable, "-m", "edge.runner", "--help"], capture_output=True, text=True)
    theirs = python.stdout.split()
    options = {word for word in theirs if word.startswith("--")} - {"--help"}
    fields = {
        word.strip(",:{}[]") for word in DESCRIPTION.partition("Report")[2].split() if word.endswith(",")
    }
    assert len(options) == 15
    assert len(fields) > 10
    assert options <= set(words)
    assert fields <= {word.strip(",:{}[]") for word in words}
