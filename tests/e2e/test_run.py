"""Reading pictures from the command line: results for people and machines, and everything that interrupts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from processes import alive, children, wait_until

from edge.bundle.bundle import Bundle
from tests.e2e.command import command, environment, run_command

pytestmark = pytest.mark.embedded

# the least there is: it takes some three lines
_PIPE_BYTES = 4096


@pytest.fixture(autouse=True)
def _default_bundles(default_bundles: Mapping[str, Bundle]) -> None:
    """They are there already, where the command looks for them."""


@pytest.fixture
def many(picture: Path, tmp_path: Path) -> list[str]:
    """Pictures enough to keep the command busy while something happens to it.

    Their names are long: before the last one the pipe to a test that does not read is full, and the command
    waits, however late the test is.
    """
    folder = Path(*["long" * 60] * 5)
    (tmp_path / folder).mkdir(parents=True)
    names = [str(folder / f"{number:02}.png") for number in range(40)]
    for name in names:
        shutil.copyfile(picture, tmp_path / name)
    return names


def test_text_for_people(picture: Path, tmp_path: Path) -> None:
    ended = run_command("run", picture, cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    score, text = ended.out.rstrip("\n").split("  ", 1)
    assert text == "Hello 2026"
    assert 0.9 < float(score) <= 1
    assert list(tmp_path.iterdir()) == []


def test_json_for_machines(picture: Path, tmp_path: Path) -> None:
    ended = run_command("run", "--json", picture, "--no-cls", cwd=tmp_path)
    assert (ended.code, ended.err, ended.out.count("\n")) == (0, "", 1)
    page = json.loads(ended.out)
    assert set(page) == {"image", "width", "height", "seconds", "lines"}
    assert (page["image"], page["width"], page["height"]) == (str(picture), 320, 96)
    (line,) = page["lines"]
    assert set(line) == {"text", "score", "box_score", "rotated", "quad"}
    assert (line["text"], line["rotated"], len(line["quad"])) == ("Hello 2026", False, 4)
    assert all(0 <= x <= 320 and 0 <= y <= 96 for x, y in line["quad"])


def test_a_folder_drawn_into_another(picture: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        shutil.copyfile(picture, tmp_path / "in" / name)
    Image.new("RGB", (64, 64), "white").save(tmp_path / "in" / "c.png")
    ended = run_command("run", "in", "--draw", "out/", cwd=tmp_path)
    assert ended.code == 0
    assert ended.out.count("Hello 2026") == 2
    assert [line.split(":")[0] for line in ended.out.splitlines() if line.startswith("==")] == [
        f"== in/{name}.png" for name in "abc"
    ]
    assert ended.err.startswith("3 of 3 images read, 0 failed, 2 lines, ")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png", "c.png"]
    with Image.open(tmp_path / "out" / "a.png") as drawn:
        assert drawn.width > 320, "the text stands beside the picture"


def test_a_picture_without_text(tmp_path: Path) -> None:
    Image.new("L", (50, 20), 200).save(tmp_path / "grey.png")
    ended = run_command("run", "grey.png", cwd=tmp_path)
    assert (ended.code, ended.out, ended.err) == (0, "", "no text found\n")


def test_bundles_named_in_one_breath(
    picture: Path, default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    words = [f"{task}={bundle.folder}" for task, bundle in default_bundles.items()]
    ended = run_command(
        "run", picture, "--bundle", *words, cwd=tmp_path, PPOCR_EDGE_HOME=str(tmp_path / "no home")
    )
    assert ended.code == 0
    assert "Hello 2026" in ended.out
    assert list(tmp_path.iterdir()) == [], "nothing was fetched or converted"


def test_neither_paddle_nor_paddle_lite_is_in_our_process(picture: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from deploy_tools.cli.main import main; code = main(sys.argv[1:]); "
        "print({'paddle', 'paddlelite'} & set(sys.modules) or 'neither', code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "run", str(picture)],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=tmp_path,
    )
    assert done.stdout.splitlines()[-1] == "neither 0"


@contextmanager
def reading(
    names: list[str], folder: Path, *options: str
) -> Iterator[tuple[subprocess.Popen[str], set[int]]]:
    """The command in the middle of its work, in a process group of its own, and its three children."""
    with subprocess.Popen(
        command("run", *names, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pipesize=_PIPE_BYTES,
        cwd=folder,
        env=environment(),
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline()
            started = children(process.pid)
            assert len(started) == 3
            yield process, started
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_interrupted(many: list[str], tmp_path: Path, number: signal.Signals, code: int) -> None:
    before = sorted(tmp_path.iterdir())
    with reading(many, tmp_path, "--draw", "drawn") as (process, started):
        os.killpg(process.pid, number)
        _, complaint = process.communicate(timeout=60)
        assert (process.returncode, complaint) == (code, "ppocr-edge: interrupted\n")
        assert not any(map(alive, started))
    drawn = tmp_path / "drawn"
    left = [path for path in drawn.iterdir() if path.suffix != ".png" or path.name.startswith(".")]
    assert left == [], "no half-written picture"
    assert sorted(path for path in tmp_path.iterdir() if path != drawn) == before


def test_killed(many: list[str], tmp_path: Path) -> None:
    with reading(many, tmp_path) as (process, started):
        process.kill()
        process.wait()
        wait_until(lambda: not any(map(alive, started)), 60, "its children are gone")


def test_whoever_reads_has_enough(many: list[str], tmp_path: Path) -> None:
    """As ``| head -1`` does it."""
    with reading(many, tmp_path, "--json") as (process, started):
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""
        assert not any(map(alive, started))


@pytest.mark.parametrize(
    ("number", "limit", "found"),
    [
        (signal.SIGKILL, "100", "was killed"),
        # more than the other pictures need on a busy machine
        (signal.SIGSTOP, "10", "no answer within 10 s"),
    ],
)
def test_an_inference_process_that_dies_or_hangs_costs_one_picture(
    many: list[str], tmp_path: Path, number: signal.Signals, limit: str, found: str
) -> None:
    with reading(many[:12], tmp_path, "--json", "--time-limit", limit) as (process, started):
        os.kill(min(started), number)
        out, err = process.communicate(timeout=200)
    pages = [json.loads(line) for line in out.splitlines()]
    (failed,) = [page for page in pages if "error" in page]
    assert found in failed["error"]
    assert failed["error"] in err
    assert process.returncode == 2
    assert err.splitlines()[-1].startswith("11 of 12 images read, 1 failed, 11 lines, ")
    assert all(page["lines"][0]["text"] == "Hello 2026" for page in pages if page is not failed)
