"""Kernels of labelled text, where a detector is to find it."""

from __future__ import annotations

import numpy as np

from slim.data.labels import LabelledBox
from slim.training.text_truth import draw_kernels


def box(left: float, top: float, width: float, height: float, *, care: bool = True) -> LabelledBox:
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    return LabelledBox(np.array(corners, np.float32), "word" if care else "###", care)


def test_a_kernel_is_shrunk_by_the_paper_s_distance() -> None:
    # area 80 · 20, perimeter 200: 1600 · (1 − 0.4²) / 200 = 6.72 pixels on every side
    kernels = draw_kernels([box(40, 40, 80, 20)], (160, 100))
    assert kernels.shape == (100, 160)
    assert kernels.dtype == np.uint8
    rows, columns = np.flatnonzero(kernels.any(axis=1)), np.flatnonzero(kernels.any(axis=0))
    found = [rows[0], rows[-1], columns[0], columns[-1]]
    np.testing.assert_allclose(found, [46.72, 53.28, 46.72, 113.28], atol=1)


def test_a_slanted_region_keeps_its_slant() -> None:
    quad = np.array([[20, 20], [120, 60], [110, 85], [10, 45]], np.float32)
    kernels = draw_kernels([LabelledBox(quad, "word", care=True)], (140, 110))
    rows, columns = np.nonzero(kernels)
    slope = np.polyfit(columns, rows, 1)[0]
    assert abs(slope - 0.4) < 0.05


def test_illegible_and_tiny_text_is_not_asked_for() -> None:
    for hidden in (box(40, 40, 80, 20, care=False), box(40, 40, 30, 7)):
        assert not draw_kernels([hidden], (160, 100)).any()


def test_labels_outside_and_without_area_do_no_harm() -> None:
    line = LabelledBox(np.array([[5, 5], [50, 5], [90, 5]], np.float32), "word", care=True)
    assert not draw_kernels([box(-300, -20, 100, 20), line], (64, 32)).any()
    assert not draw_kernels([], (64, 32)).any()
