"""``docs/consumers/python.md``: run where there is nothing but the release, paddlelite, numpy and Pillow."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy_tools.release.consumers.conftest import Sample
from tests.release_kit.snippets import write_snippets

pytestmark = pytest.mark.embedded
PACKAGES = ("paddlelite", "numpy", "numpy.libs", "PIL", "pillow.libs")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with the programs, and the packages that the page names as links to the installed ones."""
    spec = importlib.util.find_spec("numpy")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parents[1]
    (tmp_path / "packages").mkdir()
    for name in PACKAGES:
        if (installed / name).is_dir():
            (tmp_path / "packages" / name).symlink_to(installed / name)
    return write_snippets("consumers/python.md", tmp_path)


def run(bare: Path, *words: object) -> list[str]:
    """What a program prints, by lines, with no package but those of the folder."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(bare / "packages"), "PYTHONUTF8": "1"}
    command = [sys.executable, "-S", *map(str, words)]
    done = subprocess.run(command, cwd=bare, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_it_has_nothing_else(bare: Path) -> None:
    names = ("edge", "scipy", "pyclipper")
    program = f"from importlib.util import find_spec; print([name for name in {names} if find_spec(name)])"
    assert run(bare, "-c", program) == ["[]"]


def test_lines(bare: Path, unpacked: Path, sample: Sample) -> None:
    read = run(bare, "read_line.py", unpacked, *sample.lines[:-1])
    assert [line[6:] for line in read] == [line.text for line in sample.recognized]
    scores = [line.score for line in sample.recognized]
    assert [float(line[:4]) for line in read] == pytest.approx(scores, abs=0.006)


def test_a_page(bare: Path, unpacked: Path, sample: Sample) -> None:
    read = run(bare, "read_page.py", unpacked, sample.page)
    assert [line[6:] for line in read] == sample.read
    assert all(0.9 < float(line[:4]) <= 1 for line in read)
