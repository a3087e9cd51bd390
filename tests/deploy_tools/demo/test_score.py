"""How much of a page with known text counts as read."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deploy_tools.demo.canvas import PageLine
from deploy_tools.demo.score import PageScore, score_page
from edge.ocr.result import TextLine


def quad(x: float, y: float, width: float = 100, height: float = 20, degrees: float = 0) -> np.ndarray:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    turned = corners @ np.array([[cosine, sine], [-sine, cosine]])
    return np.add(turned, (x + width / 2, y + height / 2)).astype(np.float32)


def read(text: str, corners: np.ndarray) -> TextLine:
    return TextLine(corners, text, 0.99, 0.9)


TRUTH = [PageLine("Total 48.50", quad(0, 0)), PageLine("Thank you", quad(0, 40))]


def test_everything_read() -> None:
    lines = [read("Total 48.50", quad(-2, -2, 104, 24)), read("Thank you", quad(3, 41))]
    assert score_page(lines, TRUTH) == PageScore(lines=2, exact=2, characters=18, edits=0)
    assert score_page(lines[::-1], TRUTH).accuracy == 1


def test_white_space_does_not_count() -> None:
    lines = [read("Total48.50 ", quad(0, 0)), read("Thank\u3000 you", quad(0, 40))]
    assert score_page(lines, TRUTH) == PageScore(2, 2, 18, 0)


def test_mistakes_and_missing_lines_are_edits() -> None:
    assert score_page([read("Tota1 48.5", quad(0, 0))], TRUTH) == PageScore(2, 0, 18, 2 + 8)
    assert score_page([], TRUTH) == PageScore(2, 0, 18, 18)
    assert score_page([], TRUTH).accuracy == 0


def test_text_where_none_stands_is_edits() -> None:
    lines = [read("Total 48.50", quad(0, 0)), read("Thank you", quad(0, 40)), read("smudge", quad(0, 300))]
    assert score_page(lines, TRUTH) == PageScore(2, 2, 18, 6)


def test_a_line_belongs_to_the_one_it_covers_most_if_that_is_enough() -> None:
    # 12 of 20 pixels of height are the second line's, 8 of 20 the first one's
    assert score_page([read("Thank you", quad(0, 32))], [TRUTH[1]]).exact == 1
    assert score_page([read("Thank you", quad(0, 53))], TRUTH).exact == 1
    # below 30 % it stands nowhere: its text is too much, and the line's own is missing
    assert score_page([read("Thank you", quad(0, 55))], TRUTH) == PageScore(2, 0, 18, 18 + 8)


@pytest.mark.parametrize("degrees", [0, 30, 90, 180, -90])
def test_parts_are_joined_along_the_line(degrees: float) -> None:
    whole = quad(0, 0, 300, 20, degrees)
    truth = [PageLine("alpha beta gamma", whole)]
    along = (whole[1] - whole[0]) / 3
    piece = whole[0] + np.array([0 * along, along, along + (whole[3] - whole[0]), whole[3] - whole[0]])
    parts = [
        read(text, (piece + along * place).astype(np.float32))
        for place, text in enumerate(("alpha", "beta", "gamma"))
    ]
    for order in (parts, parts[::-1], [parts[1], parts[2], parts[0]]):
        assert score_page(order, truth) == PageScore(1, 1, 14, 0)


def test_a_line_read_twice_is_wrong() -> None:
    lines = [read("Thank you", quad(0, 40)), read("Thank you", quad(1, 41))]
    assert score_page(lines, TRUTH[1:]) == PageScore(1, 0, 8, 8)


def test_a_page_without_text() -> None:
    assert score_page([], []) == PageScore(0, 0, 0, 0)
    assert score_page([], []).accuracy == 1
    assert score_page([read("ab", quad(0, 0))], []) == PageScore(0, 0, 0, 2)


def test_accuracy_is_never_negative() -> None:
    assert PageScore(1, 0, 4, 1).accuracy == 0.75
    assert PageScore(1, 0, 4, 9).accuracy == 0
