"""Reading order: rows, what stands side by side in them, and pages that lean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from edge.ocr.order import reading_order


def box(left: float, top: float, width: float, height: float = 20) -> np.ndarray:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def leaned(quads: list[np.ndarray], degrees: float) -> list[np.ndarray]:
    """The page turned clockwise as seen, about its origin."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cosine, sine], [-sine, cosine]])
    return [(quad @ turn).astype(np.float32) for quad in quads]


# in reading order
ROWS = [box(10, 0, 300), box(10, 30, 200), box(10, 60, 350)]
TABLE = [box(column * 150, row * 26, 90 + 7 * row) for row in range(5) for column in range(4)]
UNEVEN = [box(0, 3, 80), box(100, 0, 80, 26), box(200, 5, 80, 16), box(0, 34, 80), box(100, 30, 80, 24)]
BIG_BESIDE_SMALL = [box(0, 0, 200, 60), box(0, 70, 200, 20), box(220, 71, 80, 18)]
PAGES = {"rows": ROWS, "table": TABLE, "uneven": UNEVEN, "big and small": BIG_BESIDE_SMALL}


def test_nothing() -> None:
    assert reading_order([]) == []


def test_one() -> None:
    assert reading_order([box(5, 5, 50)]) == [0]


@pytest.mark.parametrize("name", PAGES)
def test_pages(name: str) -> None:
    dice = np.random.default_rng(1)
    for _ in range(20):
        order = dice.permutation(len(PAGES[name]))
        found = reading_order([PAGES[name][index] for index in order])
        assert [int(order[index]) for index in found] == list(range(len(PAGES[name])))


@pytest.mark.parametrize("degrees", [-40, -12, -3, 3, 12, 40])
@pytest.mark.parametrize("name", ["rows", "table"])
def test_pages_that_lean(name: str, degrees: float) -> None:
    assert reading_order(leaned(PAGES[name], degrees)[::-1]) == list(range(len(PAGES[name])))[::-1]


def test_short_boxes_do_not_say_how_a_page_leans() -> None:
    """Single characters: the direction of their sides is mostly noise."""
    rows = [box(0, 0, 300), box(0, 40, 300)]
    squares = [np.add(leaned([box(0, 0, 22)], 30)[0], (400 + 40 * place, 40)) for place in range(5)]
    assert reading_order([*squares, *rows]) == [5, 6, 0, 1, 2, 3, 4]


def test_a_page_of_single_characters_is_taken_as_level() -> None:
    grid = [box(column * 40, row * 40, 22) for row in range(3) for column in range(3)]
    assert reading_order(grid) == list(range(9))


def test_a_tall_box_beside_rows_stands_in_the_row_at_its_middle() -> None:
    rows = [box(100, top, 200) for top in (0, 40, 80)]
    tall = box(0, 0, 60, 100)  # its middle is at 50, as the middle row's
    assert reading_order([*rows, tall]) == [0, 3, 1, 2]


def test_rows_of_one_height_that_overlap_a_little_stay_apart() -> None:
    # boxes grown by detection overlap their neighbours above and below
    rows = [box(column * 120, row * 16, 100, 24) for row in range(6) for column in range(2)]
    assert reading_order(rows) == list(range(12))


def test_boxes_without_height_or_width() -> None:
    lines = [box(0, 0, 0, 0), box(0, 10, 50, 0), box(0, 20, 0, 9)]
    assert reading_order(lines[::-1]) == [2, 1, 0]


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_the_input_makes_no_difference(seed: int) -> None:
    """Coarse random boxes, so that many share a centre, a height or everything."""
    dice = np.random.default_rng(seed)
    for _ in range(25):
        quads = [
            box(*(dice.integers(0, 6, 2) * 10.0), *(dice.integers(1, 5, 2) * 10.0))
            for _ in range(int(dice.integers(1, 30)))
        ]
        expected = [quads[index].tolist() for index in reading_order(quads)]
        for _ in range(4):
            shuffled = [quads[index] for index in dice.permutation(len(quads))]
            found = reading_order(shuffled)
            assert sorted(found) == list(range(len(quads)))
            assert [shuffled[index].tolist() for index in found] == expected
