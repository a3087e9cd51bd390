"""What labels say about pixels: kernels of text, nothing around them, no text elsewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slim.data.labels import LabelledBox
from slim.training.text_truth import NO_TEXT, TEXT, UNSAID, draw_truth


def box(left: float, top: float, width: float, height: float, *, care: bool = True) -> LabelledBox:
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    return LabelledBox(np.array(corners, np.float32), "word" if care else "###", care)


def rows_of(truth: npt.NDArray[np.uint8], value: int) -> tuple[int, int]:
    rows = np.flatnonzero((truth == value).any(axis=1))
    return int(rows[0]), int(rows[-1])


def test_a_kernel_is_shrunk_by_the_paper_s_distance() -> None:
    # area 80 · 20, perimeter 200: 1600 · (1 − 0.4²) / 200 = 6.72 pixels on every side
    truth = draw_truth([box(40, 40, 80, 20)], (160, 100))
    assert truth.shape == (100, 160)
    first, last = rows_of(truth, TEXT)
    assert abs(first - 46.72) <= 1
    assert abs(last - 53.28) <= 1
    columns = np.flatnonzero((truth == TEXT).any(axis=0))
    assert abs(columns[0] - 46.72) <= 1
    assert abs(columns[-1] - 113.28) <= 1


def test_nothing_is_said_around_a_label_and_no_text_is_elsewhere() -> None:
    # unsaid reaches 1600 / 200 = 8 pixels beyond the label
    truth = draw_truth([box(40, 40, 80, 20)], (160, 100))
    first, last = rows_of(truth, UNSAID)
    assert abs(first - 32) <= 1
    assert abs(last - 68) <= 1
    assert truth[10, 10] == truth[90, 150] == NO_TEXT


def test_between_two_words_of_a_line_nothing_is_said() -> None:
    truth = draw_truth([box(10, 40, 60, 20), box(78, 40, 60, 20)], (160, 100))
    between = truth[50, 70:78]
    assert (between == UNSAID).all()
    assert (truth == TEXT).any(axis=0)[20:60].all()


def test_neighbours_do_not_reach_into_a_kernel() -> None:
    alone = draw_truth([box(10, 40, 60, 20)], (160, 100))
    beside = draw_truth([box(10, 40, 60, 20), box(10, 58, 60, 20, care=False)], (160, 100))
    assert ((alone == TEXT) <= (beside == TEXT)).all()


def test_illegible_and_tiny_text_is_not_asked_for() -> None:
    for hidden in (box(40, 40, 80, 20, care=False), box(40, 40, 30, 7)):
        truth = draw_truth([hidden], (160, 100))
        assert not (truth == TEXT).any()
        assert truth[43, 55] == UNSAID


def test_labels_outside_and_without_area_do_no_harm() -> None:
    line = LabelledBox(np.array([[5, 5], [50, 5], [90, 5]], np.float32), "word", care=True)
    truth = draw_truth([box(-300, -20, 100, 20), line], (64, 32))
    assert not (truth == TEXT).any()
    assert (draw_truth([], (64, 32)) == NO_TEXT).all()
