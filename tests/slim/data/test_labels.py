"""PaddleOCR's label files: what is in them, and what is wrong with those that are not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from edge.errors import InputError
from slim.data.labels import read_detection_labels, read_recognition_labels

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10]]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "set" / "labels.txt"


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_detection_labels(labels: Path) -> None:
    boxes = [
        {"transcription": "Gate 4", "points": SQUARE, "difficult": False},
        {"transcription": "###", "points": [[1.5, 2], [3, 4], [5, 6], [7, 8], [9, 10]]},
        {"transcription": "*", "points": SQUARE},
        {"transcription": "", "points": SQUARE},
    ]
    write(labels, f"img/a b.jpg\t{json.dumps(boxes)}\nc.jpg\t[]\n")
    first, second = read_detection_labels(labels)
    assert first.image == labels.parent / "img" / "a b.jpg"
    assert [(box.text, box.care) for box in first.boxes] == [
        ("Gate 4", True),
        ("###", False),
        ("*", False),
        ("", True),
    ]
    assert first.boxes[0].quad.dtype == np.float32
    assert first.boxes[0].quad.tolist() == SQUARE
    assert first.boxes[1].quad.shape == (5, 2)
    assert (second.image.name, second.boxes) == ("c.jpg", ())


def test_recognition_labels(labels: Path) -> None:
    write(labels, "a.png\tGate 4\nb.png\ta\tb \nc.png\t\n/data/d.png\t中文\n")
    lines = read_recognition_labels(labels)
    assert [line.text for line in lines] == ["Gate 4", "a\tb ", "", "中文"]
    assert [line.image for line in lines][2:] == [labels.parent / "c.png", Path("/data/d.png")]


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfa.png\tx\n", b"a.png\tx\r\n\r\n", b"\n\na.png\tx", b"a.png\tx\n\n"]
)
def test_byte_order_marks_line_ends_and_empty_lines(content: bytes, labels: Path) -> None:
    (line,) = read_recognition_labels(write(labels, content))
    assert (line.image.name, line.text) == ("a.png", "x")


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\x0c", "\x1e"])
def test_characters_that_other_readers_take_for_line_ends(odd: str, labels: Path) -> None:
    (line,) = read_recognition_labels(write(labels, f"a.png\tx{odd}y\n"))
    assert line.text == f"x{odd}y"


def test_an_empty_file_has_no_labels(labels: Path) -> None:
    write(labels, "")
    assert read_recognition_labels(labels) == ()
    assert read_detection_labels(labels) == ()


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("Gate 4", "Expecting value"),
        ("", "Expecting value"),
        ("[{]", "Expecting property name"),
        ("7", "not iterable"),
        ('{"transcription": "a"}', "indices must be integers"),
        ("[[]]", "indices must be integers"),
        (json.dumps([{"points": SQUARE}]), "'transcription'"),
        (json.dumps([{"transcription": "a"}]), "'points'"),
        (json.dumps([{"transcription": None, "points": SQUARE}]), "transcription None"),
        (json.dumps([{"transcription": 154, "points": SQUARE}]), "transcription 154"),
        (json.dumps([{"transcription": "a", "points": []}]), r"points \[\]"),
        (json.dumps([{"transcription": "a", "points": SQUARE[:2]}]), "points "),
        (json.dumps([{"transcription": "a", "points": [0, 0, 1, 0, 1, 1]}]), "points "),
        (json.dumps([{"transcription": "a", "points": [[0, 0, 0]] * 4}]), "points "),
        (json.dumps([{"transcription": "a", "points": [[0, 0], [1], [1, 1]]}]), "inhomogeneous"),
        (json.dumps([{"transcription": "a", "points": [["x", "y"]] * 4}]), "could not convert"),
        ('[{"transcription": "a", "points": [[0, 0], [1, 0], [NaN, 1]]}]', "points "),
        ('[{"transcription": "a", "points": [[0, 0], [1, 0], [1e999, 1]]}]', "points "),
        (json.dumps([{"transcription": "a", "points": [[0, 0], [1, 0], [10**400, 1]]}]), "int too large"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_a_line_that_is_no_list_of_boxes_is_named(rest: str, reason: str, labels: Path) -> None:
    write(labels, f"ok.jpg\t[]\nbad.jpg\t{rest}\n")
    with pytest.raises(
        InputError, match=rf"labels\.txt:2: is not a list of boxes \(.*{reason}.*\); write \[\{{"
    ):
        read_detection_labels(labels)


def test_a_line_without_a_tab_is_named(labels: Path) -> None:
    write(labels, "a.png\tx\n\nb.png x\n")
    for read in (read_recognition_labels, read_detection_labels):
        with pytest.raises(InputError, match=r"labels\.txt:\d: "):
            read(labels)
    with pytest.raises(InputError, match=r"labels\.txt:3: has no tab; write image<TAB>label$"):
        read_recognition_labels(labels)


@pytest.mark.parametrize("read", [read_recognition_labels, read_detection_labels])
def test_files_that_cannot_be_read(read: object, labels: Path) -> None:
    assert callable(read)
    with pytest.raises(
        InputError, match=r"labels\.txt: cannot be read \(No such file or directory\); check the path$"
    ):
        read(labels)
    write(labels, "图.png\t中文\n".encode("gbk"))
    with pytest.raises(InputError, match=r"labels\.txt: is not UTF-8 text; give a UTF-8 label file$"):
        read(labels)


@pytest.mark.timeout(20)
def test_what_never_ends_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    for path in (tmp_path / "pipe.txt", Path("/dev/zero")):
        with pytest.raises(InputError, match=f"^{path}: is not a regular file; save the labels in a file"):
            read_recognition_labels(path)


@pytest.mark.shared
def test_the_real_label_files(shared_dir: Path) -> None:
    folder = shared_dir / "images" / "icdar2015"
    pages = read_detection_labels(folder / "det_evaluation.txt")
    assert len(pages) == 80
    assert all(page.image.is_file() for page in pages)
    assert {box.care for page in pages for box in page.boxes} == {False, True}
    assert {box.quad.shape for page in pages for box in page.boxes} == {(4, 2)}
    crops = read_recognition_labels(folder / "rec_evaluation.txt")
    assert len(crops) == 1000
    assert all(crop.image.is_file() and crop.text for crop in crops)
