"""What is evaluated on: label files, folders, and what is neither, told before a model is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from deploy_tools.evaluation.data import read_evaluation_data
from edge.errors import ImageError, InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures and labels of every kind for them."""
    for name in ("a.png", "b.png", "c.png"):
        Image.new("RGB", (60, 20), "white").save(tmp_path / name)
    (tmp_path / "words.txt").write_text("c.png\tone\na.png\ttwo\n", encoding="utf-8")
    box = '{"transcription": "one", "points": [[0, 0], [9, 0], [9, 9], [0, 9]]}'
    (tmp_path / "pages.txt").write_text(f"b.png\t[{box}]\na.png\t[{box}, {box}]\n", encoding="utf-8")
    return tmp_path


def test_labels_of_recognition_serve_classification_too(folder: Path) -> None:
    for task in ("rec", "cls"):
        data = read_evaluation_data(folder / "words.txt", task)  # type: ignore[arg-type]
        assert data.labelled
        assert data.images == [folder / "c.png", folder / "a.png"]
        assert [line.text for line in data.lines] == ["one", "two"]
        assert (data.pages, len(data)) == ((), 2)


def test_labels_of_detection(folder: Path) -> None:
    data = read_evaluation_data(folder / "pages.txt", "det")
    assert data.labelled
    assert [(page.image.name, len(page.boxes)) for page in data.pages] == [("b.png", 1), ("a.png", 2)]
    assert (data.lines, len(data)) == ((), 2)


def test_a_folder_is_unlabelled_but_for_classification(folder: Path) -> None:
    for task, labelled in (("det", False), ("rec", False), ("cls", True)):
        data = read_evaluation_data(folder, task)  # type: ignore[arg-type]
        assert data.labelled is labelled
        assert [image.name for image in data.images] == ["a.png", "b.png", "c.png"]


def test_only_the_first(folder: Path) -> None:
    assert read_evaluation_data(folder / "words.txt", "rec", 1).images == [folder / "c.png"]
    assert read_evaluation_data(folder / "pages.txt", "det", 1).images == [folder / "b.png"]
    assert read_evaluation_data(folder, "cls", 2).images == [folder / "a.png", folder / "b.png"]
    assert len(read_evaluation_data(folder, "cls", 99)) == 3


def test_pictures_behind_the_limit_are_not_looked_at(folder: Path) -> None:
    (folder / "a.png").write_text("no picture")
    assert len(read_evaluation_data(folder / "words.txt", "rec", 1)) == 1
    for path in (folder / "words.txt", folder):
        with pytest.raises(ImageError, match=r"a\.png: is not a picture"):
            read_evaluation_data(path, "rec")


def test_a_picture_that_is_missing(folder: Path) -> None:
    (folder / "a.png").unlink()
    with pytest.raises(ImageError, match=r"a\.png: no such file"):
        read_evaluation_data(folder / "pages.txt", "det")


@pytest.mark.parametrize(("task", "named"), [("rec", "recognition"), ("cls", "classification")])
def test_labels_of_another_task(folder: Path, task: str, named: str) -> None:
    with pytest.raises(
        InputError, match=f"label file for detection, the model is for {named}; give one with"
    ):
        read_evaluation_data(folder / "pages.txt", task)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"words\.txt:1: is not a list of boxes"):
        read_evaluation_data(folder / "words.txt", "det")


def test_labels_of_nothing(folder: Path) -> None:
    (folder / "empty.txt").write_text("\n")
    for task in ("det", "cls", "rec"):
        with pytest.raises(InputError, match=r"empty\.txt: names no picture; write a line"):
            read_evaluation_data(folder / "empty.txt", task)  # type: ignore[arg-type]
    box = '{"transcription": "###", "points": [[0, 0], [9, 0], [9, 9], [0, 9]]}'
    (folder / "illegible.txt").write_text(f"a.png\t[{box}]\nb.png\t[]\n")
    with pytest.raises(InputError, match="labels no legible text; give photographs with text"):
        read_evaluation_data(folder / "illegible.txt", "det")
