"""``ppocr-edge synthesize``: a whole data set, or nothing, and one line for every mistake."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image

from slim.data.labels import read_detection_labels, read_recognition_labels
from tests.e2e.command import command, environment, run_command

KEYS = "\n".join(map(chr, range(0x21, 0x7F))) + "\n"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A dictionary that Pillow's own font covers."""
    path = tmp_path / "keys.txt"
    path.write_text(KEYS, encoding="utf-8")
    return path


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_lines_and_labels(keys: Path, tmp_path: Path) -> None:
    ended = run_command("synthesize", keys, "-n", 12, "-o", "made/lines", "--seed", 4, cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0] == "made/lines/labels.txt  12 lines, seed 4"
    folder = tmp_path / "made" / "lines"
    assert names_in(folder) == ["images", "labels.txt", "sheet.png", "synthetic.json"]
    labelled = read_recognition_labels(folder / "labels.txt")
    assert [line.image for line in labelled] == sorted((folder / "images").iterdir())
    assert len(labelled) == 12
    assert all(set(line.text) <= {*KEYS.split("\n"), " "} for line in labelled)
    assert size_of(folder / "sheet.png")[0] == 1440
    assert names_in(tmp_path / "made") == ["lines"]


def test_pages_as_json(keys: Path, tmp_path: Path) -> None:
    words = ("synthesize", keys, "-n", 3, "-o", "pages", "--pages", "--size", "240x320", "--json")
    ended = run_command(*words, cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    pages = read_detection_labels(tmp_path / told["labels"])
    assert (told["kind"], told["count"], told["seed"]) == ("pages", 3, 0)
    assert told["boxes"] == sum(len(page.boxes) for page in pages)
    assert [size_of(page.image) for page in pages] == [(320, 240)] * 3
    assert json.loads((tmp_path / "pages" / "synthetic.json").read_text("utf-8"))["missing"] == ""


def test_the_same_seed_writes_the_same_bytes(keys: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run_command("synthesize", keys, "-n", 6, "-o", name, "--seed", 9, cwd=tmp_path)
    first, second = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("a", "b")
    )
    assert first == second
    assert len(first) == 9


def test_an_older_set_is_replaced_whole(keys: Path, tmp_path: Path) -> None:
    for count in (5, 2):
        assert run_command("synthesize", keys, "-n", count, "-o", "set", cwd=tmp_path).code == 0
    assert len(list((tmp_path / "set" / "images").iterdir())) == 2
    assert names_in(tmp_path) == ["keys.txt", "set"]


def test_own_texts(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("\ufeffone line\n\n  two\twords  \r\n", encoding="utf-8")
    words = ("synthesize", keys, "--no-space", "-n", 20, "--text", "texts.txt", "-o", "set")
    assert run_command(*words, cwd=tmp_path).code == 0
    labelled = read_recognition_labels(tmp_path / "set" / "labels.txt")
    assert {line.text for line in labelled} == {"oneline", "twowords"}


CASES = {
    "none.txt -n 3 -o {o}": "none.txt: cannot be read",
    "nosuch -n 3 -o {o}": "nosuch: no model of this name in the zoo; see",
    "ch_PP-OCRv4_det -n 3 -o {o}": "ch_PP-OCRv4_det: reads no text, so it has no dictionary; name a",
    "empty.txt -n 3 -o {o}": "empty.txt: is an empty dictionary; give",
    "han.txt -n 3 -o {o}": "han.txt: the installed fonts have 0 of its 256 Cjk characters; install fonts",
    "keys.txt -n 0 -o {o}": "'-n'",
    "keys.txt -n 3": "'-o'",
    "keys.txt -n 3 -o {o} --seed -1": "'--seed'",
    "keys.txt -n 3 -o {o} --size 240x320": "--size: is for pages, lines have the size they have; add --pages",
    "keys.txt -n 3 -o {o} --pages --size 90x90": "'90x90' is not HEIGHTxWIDTH of 160 to 4096 pixels",
    "keys.txt -n 3 -o {o} --text none": "--text none: cannot be read (No such file or directory); check",
    "keys.txt -n 3 -o {o} --text latin": "--text latin: is not UTF-8 text; save",
    "keys.txt -n 3 -o {o} --text blank": "--text blank: has no text; give",
    "keys.txt -n 3 -o {o} --text han.txt": "--text han.txt: none of 256 lines has a character; give",
    "keys.txt -n 3 -o taken": "-o taken: is in the way and is not a synthetic data set; name",
    "keys.txt -n 3 -o keys.txt": "-o keys.txt: is in the way and is not a synthetic data set; name",
    "keys.txt -n 3 -o keys.txt/set": "-o keys.txt/set: is below keys.txt, which is a file; name",
}


@pytest.mark.parametrize("words", CASES)
def test_mistakes_end_in_one_line(keys: Path, tmp_path: Path, words: str) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "han.txt").write_text("\n".join(map(chr, range(0x4E00, 0x4F00))), encoding="utf-8")
    (tmp_path / "latin").write_bytes("é\n".encode("latin-1"))
    (tmp_path / "blank").write_text(" \n\n")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "photo.jpg").touch()
    before = sorted(tmp_path.rglob("*"))
    line = words.format(o="new/set").split()
    ended = run_command("synthesize", *line, cwd=tmp_path, PPOCR_EDGE_FONTS=str(fonts))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    for part in CASES[words].split("; "):
        assert part in ended.err
    assert sorted(tmp_path.rglob("*")) == before


def start(keys: Path, folder: Path) -> subprocess.Popen[bytes]:
    """A command that would go on for minutes, once it has drawn something."""
    process = subprocess.Popen(
        command("synthesize", keys, "-n", 100_000, "-o", "set"),
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 200
    while not list(folder.glob(".set.new-*/set/images/000003.png")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def test_interrupted_it_leaves_nothing(keys: Path, tmp_path: Path) -> None:
    with start(keys, tmp_path) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b"ppocr-edge: interrupted\n"
    assert names_in(tmp_path) == ["keys.txt"]


def test_what_a_killed_one_left_is_gone_after_the_next(keys: Path, tmp_path: Path) -> None:
    with start(keys, tmp_path) as process:
        process.kill()
    assert len(names_in(tmp_path)) == 2
    assert run_command("synthesize", keys, "-n", 2, "-o", "set", cwd=tmp_path).code == 0
    assert names_in(tmp_path) == ["keys.txt", "set"]
