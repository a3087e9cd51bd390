"""``--compare`` of the native runner around a network that echoes, against the Python runner's comparison."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.runner.compare import compare, read_expected
from edge.runner.error import RunnerError

Parts = Callable[..., Any]
LINE = np.arange(12, dtype=np.float32).reshape(2, 6)
OTHERS = {
    "same": LINE,
    "near": LINE + np.float32(0.0004),
    "far": LINE + np.float32(0.125),
    "one far": np.where(np.eye(2, 6) * 5 > 0, LINE - 40, LINE).astype(np.float32),
    "other shape": LINE.reshape(6, 2),
    "of Fortran": np.asfortranarray(LINE),
    "no number": np.full_like(LINE, np.nan),
    "infinite": np.full_like(LINE, np.inf),
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "line.npy", LINE)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("tolerance", [0.001, 0.2])
@pytest.mark.parametrize("name", OTHERS)
def test_it_finds_what_the_python_runner_finds(parts: Parts, name: str, tolerance: float) -> None:
    np.save("g.npy", OTHERS[name])
    expected, failure = compare(LINE, OTHERS[name], Path("line.npy"), Path("g.npy"), tolerance)
    words = ("--model", "m.nb", "--input", "line.npy", "--compare", "g.npy", "--tolerance", tolerance)
    ended = parts("once", *words)
    assert ended.code == (1 if failure else 0)
    assert ended.err == (f"runner: {failure}\n" if failure else "")
    assert json.loads(ended.out)["cases"][0]["difference"] == pytest.approx(expected)


def test_the_verdicts_are_the_right_ones() -> None:
    files = (Path("line.npy"), Path("g.npy"))
    passed = {name: not compare(LINE, other, *files, 0.001)[1] for name, other in OTHERS.items()}
    assert passed == {name: name in ("same", "near", "of Fortran") for name in OTHERS}
    assert compare(np.full_like(LINE, np.nan), LINE, *files, 1e9) == (
        None,
        "--compare g.npy: the output of line.npy holds what is no number",
    )


def test_every_case_has_a_file_of_its_own(parts: Parts) -> None:
    np.save("other.npy", LINE + 1)
    inputs = ("--input", "line.npy", "--input", "other.npy")
    good = parts("once", "--model", "m.nb", *inputs, "--compare", "line.npy", "--compare", "other.npy")
    assert (good.code, [case["difference"] for case in json.loads(good.out)["cases"]]) == (0, [0, 0])
    swapped = parts("once", "--model", "m.nb", *inputs, "--compare", "other.npy", "--compare", "line.npy")
    assert (swapped.code, swapped.err.count("differs by 1, 0.001 is allowed\n")) == (1, 2)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"text", "not a .npy tensor to compare with, it does not start like a .npy file"),
        (LINE.astype(np.float64), "not a .npy tensor to compare with, it is of float64, float32 is expected"),
    ],
)
def test_what_cannot_be_compared_with(parts: Parts, content: Any, found: str) -> None:
    if isinstance(content, bytes):
        Path("g.npy").write_bytes(content)
    elif content is not None:
        np.save("g.npy", content)
    words = ("--model", "m.nb", "--input", "line.npy", "--compare", "g.npy", "--output", "out")
    ended = parts("once", *words)
    assert (ended.code, ended.out, ended.err) == (2, b"", f"runner: --compare g.npy: {found}\n")
    with pytest.raises(RunnerError) as refused:
        read_expected(Path("g.npy"))
    assert str(refused.value) == f"--compare g.npy: {found}"
    assert not Path("out").exists(), "nothing is run before everything is read"


def test_a_report_of_its_own_is_written_all_the_same(parts: Parts) -> None:
    np.save("g.npy", LINE + 1)
    words = ("--model", "m.nb", "--input", "line.npy", "--compare", "g.npy", "--report", "r.json")
    assert parts("once", *words).code == 1
    assert json.loads(Path("r.json").read_text())["cases"][0]["difference"] == 1
