"""Folders of unlabelled pictures: which are found, in which order, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.errors import ImageError
from slim.data.images import ImageFolder


def save(path: Path, colour: str = "red", **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), colour).save(path, **options)
    return path


def test_pictures_of_all_folders_sorted_by_path(tmp_path: Path) -> None:
    wanted = [
        save(tmp_path / "a" / "2.PNG"),
        save(tmp_path / "a" / "b" / "1.jpg"),
        save(tmp_path / "b.png"),
    ]
    save(tmp_path / ".hidden" / "1.png")
    save(tmp_path / ".hidden.png")
    (tmp_path / "labels.txt").write_text("b.png\ttext\n")
    folder = ImageFolder(tmp_path)
    assert list(folder.paths) == sorted(wanted)
    assert len(folder) == 3


def test_linked_folders_count_once_and_circles_end(tmp_path: Path) -> None:
    elsewhere = save(tmp_path / "elsewhere" / "1.png").parent
    inside = tmp_path / "data"
    inside.mkdir()
    (inside / "linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(inside)
    assert ImageFolder(inside).paths == (inside / "linked" / "1.png",)


def test_pictures_come_as_upright_rgb(tmp_path: Path) -> None:
    Image.new("L", (4, 4), 200).save(tmp_path / "grey.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "turned.jpg", exif=exif)
    grey, turned = ImageFolder(tmp_path)
    assert np.asarray(grey).tolist() == [[[200, 200, 200]] * 4] * 4
    assert turned.size == (6, 8)


def test_a_damaged_picture_is_named_when_it_is_read(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    (tmp_path / "2.png").write_text("no picture")
    folder = ImageFolder(tmp_path)
    assert folder[0].size == (8, 6)
    with pytest.raises(ImageError, match=r"2\.png: is not a picture"):
        folder[1]
    with pytest.raises(IndexError):
        folder[2]


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"nowhere: no such folder; name a folder"):
        ImageFolder(tmp_path / "nowhere")
    with pytest.raises(ImageError, match=r"1\.png: is a file, not a folder"):
        ImageFolder(save(tmp_path / "1.png"))
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    with pytest.raises(ImageError, match=r"empty: holds no picture; known are \.avif"):
        ImageFolder(tmp_path / "empty")
