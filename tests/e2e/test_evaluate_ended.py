"""An evaluation that is interrupted or killed: no process stays, nor what the next one cannot mend."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from processes import alive, children, command_line, wait_until

from edge.bundle.bundle import Bundle
from tests.e2e.command import command, environment, run_command

pytestmark = pytest.mark.embedded


@pytest.fixture
def home(default_bundles: Mapping[str, Bundle]) -> Path:
    """The toolkit's own folder."""
    return default_bundles["det"].folder.parent.parent


@pytest.fixture
def many(picture: Path, tmp_path: Path) -> Path:
    """Pictures enough to keep the command busy while something happens to it."""
    folder = tmp_path / "many"
    folder.mkdir()
    shutil.copyfile(picture, folder / "0000.png")
    for number in range(1, 3000):
        os.link(folder / "0000.png", folder / f"{number:04}.png")
    return folder


@contextmanager
def evaluating(folder: Path, home: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], set[int]]]:
    """The command while the converted model runs, in a process group of its own, and its child."""
    with subprocess.Popen(
        command("evaluate", "ch_ppocr_mobile_v2.0_cls", "--device", "local", "--data", folder, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder.parent,
        env=environment(PPOCR_EDGE_HOME=str(home)),
        start_new_session=True,
    ) as process:
        try:
            wait_until(lambda: runners(process.pid), 200, "the runner of the converted model is there")
            wait_until(lambda: len(children(process.pid)) == 1, 60, "what converted it has ended")
            yield process, children(process.pid)
        finally:
            process.kill()


def runners(pid: int) -> set[int]:
    """Children that run the bundle that was made for the evaluation, not the check of its conversion."""
    found = set()
    for child in children(pid):
        words = " ".join(command_line(child))
        if "edge.runner" in words and "/bundles/ch_ppocr_mobile_v2.0_cls-x86/" in words:
            found.add(child)
    return found


def left_in(home: Path) -> list[str]:
    """Hidden folders of conversions."""
    return [path.name for path in home.iterdir() if path.name.startswith(".evaluation")]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(many: Path, home: Path, number: signal.Signals, code: int) -> None:
    drawn = many.parent / "worst.png"
    with evaluating(many, home, "--worst", str(drawn)) as (process, started):
        assert left_in(home) != []
        os.killpg(process.pid, number)
        out, complaint = process.communicate(timeout=60)
        assert (process.returncode, out, complaint) == (code, "", "ppocr-edge: interrupted\n")
        assert not any(map(alive, started))
    assert left_in(home) == []
    assert sorted(path.name for path in many.parent.iterdir()) == ["many"]


def test_killed(many: Path, home: Path, tmp_path: Path) -> None:
    with evaluating(many, home) as (process, started):
        process.kill()
        process.wait()
        wait_until(lambda: not any(map(alive, started)), 60, "its children are gone")
    assert len(left_in(home)) == 1, "what nobody could tidy up"
    ended = run_command(
        *("evaluate", "ch_ppocr_mobile_v2.0_cls", "--device", "local", "--data", many, "-n", 3),
        cwd=tmp_path,
        PPOCR_EDGE_HOME=str(home),
    )
    assert ended.code == 0
    assert left_in(home) == [], "the next evaluation tidies up"


def test_an_inference_process_that_dies_ends_it(many: Path, home: Path) -> None:
    """A figure without some of the pictures would be another figure."""
    with evaluating(many, home) as (process, started):
        (child,) = started
        os.kill(child, signal.SIGKILL)
        out, complaint = process.communicate(timeout=60)
        assert (process.returncode, out) == (2, "")
        assert complaint.splitlines()[-1].startswith("ppocr-edge: ch_ppocr_mobile_v2.0_cls for x86: ")
        assert "was killed" in complaint
    assert left_in(home) == []
