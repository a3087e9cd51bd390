"""``scripts/test`` and ``.ci/run`` with real ruff, mypy and pytest: what runs, when, and how it ends."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from small_machine import Machine


@pytest.fixture
def prepared(machine: Machine) -> Machine:
    """A prepared checkout whose environment has this one's ruff, mypy and pytest."""
    assert machine.with_uv().script("demo").returncode == 0
    for tool in ("ruff", "mypy", "pytest"):
        (machine.checkout / ".venv" / "bin" / tool).symlink_to(Path(sys.executable).with_name(tool))
    return machine


def write_test(machine: Machine, body: str) -> None:
    """Replace the checkout's one test."""
    head = '"""One test."""\n\nimport os\nimport sys\n\n\n'
    text = f'{head}def test_it() -> None:\n    """Do it."""\n    {body}\n'
    (machine.checkout / "tests" / "test_tiny.py").write_text(text)


def test_runs_lint_then_tests_and_ends_with_the_summary(prepared: Machine) -> None:
    ran = prepared.script("test")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for tool in ("ruff check", "ruff format", "mypy"):
        assert f"lint: {tool}" in ran.stdout
    assert ran.stdout.index("lint: mypy") < ran.stdout.index("test session starts")
    assert "1 passed" in ran.stdout.splitlines()[-1]


def test_a_failing_test_fails_the_run(prepared: Machine) -> None:
    write_test(prepared, "assert os.sep == sys.executable")
    ran = prepared.script("test")
    assert ran.returncode == 1
    assert "1 failed" in ran.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import os\n", "F401"),
        ('"""Not formatted."""\n\nx  =  1\n', "would be reformatted"),
        ('"""Wrong type."""\n\nx: int = "1"\n', "Incompatible types"),
    ],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_faulty_lint_fails_the_run_but_the_tests_run_and_come_last(
    prepared: Machine, text: str, complaint: str
) -> None:
    (prepared.checkout / "tiny.py").write_text(text)
    ran = prepared.script("test")
    assert ran.returncode == 1
    assert complaint in ran.stdout
    assert "lint failed" in ran.stdout
    assert "1 passed" in ran.stdout.splitlines()[-1]


def test_no_tests_at_all_is_a_failure(prepared: Machine) -> None:
    (prepared.checkout / "tests" / "test_tiny.py").unlink()
    assert prepared.run(prepared.commands / "bash", ".ci/run").returncode == 5


def test_words_are_handed_to_pytest(prepared: Machine) -> None:
    ran = prepared.script("test", "-k", "nothing or addition", "--collect-only", "-q")
    assert ran.returncode == 0
    assert "tests/test_tiny.py::test_addition" in ran.stdout


def test_ci_has_nothing_to_read_and_says_that_it_is_ci(prepared: Machine, tmp_path: Path) -> None:
    write_test(prepared, 'assert (os.environ["CI"], sys.__stdin__.read()) == ("true", "")')
    ran = prepared.run(prepared.commands / "bash", prepared.checkout / ".ci" / "run", "-s", cwd=tmp_path)
    assert "1 passed" in ran.stdout.splitlines()[-1]
