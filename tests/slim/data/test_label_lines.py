"""What is written is what our readers read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from slim.data.label_lines import detection_line, recognition_line
from slim.data.labels import LabelledBox, read_detection_labels, read_recognition_labels


def test_detection_lines_are_read_back(tmp_path: Path) -> None:
    quad = np.array([[1.04, 2], [30.5, 2.25], [30, 12], [1, 11.96]], np.float32)
    boxes = (LabelledBox(quad, 'quo"te\\ 纸', True), LabelledBox(quad + 40, "unreadable", False))
    file = tmp_path / "labels.txt"
    file.write_text(detection_line("a/1.jpg", boxes) + detection_line("2.jpg", ()), encoding="utf-8")
    first, second = read_detection_labels(file)
    assert (first.image, second.image) == (tmp_path / "a" / "1.jpg", tmp_path / "2.jpg")
    assert [(box.text, box.care) for box in first.boxes] == [('quo"te\\ 纸', True), ("###", False)]
    assert np.abs(first.boxes[0].quad - quad).max() < 0.051
    assert second.boxes == ()


def test_recognition_lines_are_read_back(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text(recognition_line("1.png", "a b: 纸") + recognition_line("2.png", ""), encoding="utf-8")
    assert [line.text for line in read_recognition_labels(file)] == ["a b: 纸", ""]
