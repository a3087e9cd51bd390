"""The measures of the field, on cases that can be counted by hand and against slower implementations."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from slim.data.labels import LabelledBox, read_detection_labels
from slim.metrics import (
    DetectionScore,
    alphanumeric,
    character_error_rate,
    edit_distance,
    score_detection,
)


def edit_distance_slowly(first: str, second: str) -> int:
    """By the definition."""

    @cache
    def distance(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        change = distance(i - 1, j - 1) + (first[i - 1] != second[j - 1])
        return min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, change)

    return distance(len(first), len(second))


def test_edit_distance_of_random_words() -> None:
    dice = np.random.default_rng(9)
    for _ in range(300):
        first, second = ("".join(dice.choice(list("abc"), dice.integers(0, 12))) for _ in range(2))
        assert edit_distance(first, second) == edit_distance_slowly(first, second)
        assert edit_distance(second, first) == edit_distance(first, second)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("中文字", "中字", 1), ("ab", "ba", 2)],
)
def test_edit_distances(first: str, second: str, distance: int) -> None:
    assert edit_distance(first, second) == distance


def test_character_error_rate() -> None:
    assert character_error_rate(["abc", "x"], ["abd", "xyz"]) == pytest.approx(3 / 6)
    assert character_error_rate(["same"], ["same"]) == 0
    assert character_error_rate(["aaaa"], ["b"]) == 4
    assert character_error_rate([], []) == 0
    assert character_error_rate(["ab"], [""]) == 2
    with pytest.raises(ValueError):
        character_error_rate(["a"], ["a", "b"])


def test_alphanumeric() -> None:
    assert alphanumeric("Joe's-Café, No. 24!") == "joescaféno24"
    assert alphanumeric("电话：15") == "电话15"
    assert alphanumeric("  -  ") == ""


def box(x: float, y: float, width: float = 100, height: float = 20) -> np.ndarray:
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)


def label(quad: np.ndarray, *, care: bool = True) -> LabelledBox:
    return LabelledBox(quad, "text" if care else "###", care)


@pytest.mark.parametrize(
    ("found", "labels", "counts"),
    [
        ([], [], (0, 0, 0)),
        ([box(0, 0)], [], (0, 1, 0)),
        ([], [label(box(0, 0))], (0, 0, 1)),
        ([box(0, 0), box(0, 50)], [label(box(0, 0)), label(box(0, 100))], (1, 2, 2)),
        # IoU 60 : 140 is too little, 80 : 120 enough
        ([box(40, 0)], [label(box(0, 0))], (0, 1, 1)),
        ([box(20, 0)], [label(box(0, 0))], (1, 1, 1)),
        # exactly one half does not exceed it
        ([box(0, 0, 50)], [label(box(0, 0))], (0, 1, 1)),
        # one to one: the second detection of a text is wrong, a text found by another's box is missed
        ([box(0, 0), box(1, 0)], [label(box(0, 0))], (1, 2, 1)),
        ([box(0, 0)], [label(box(0, 0)), label(box(1, 0))], (1, 1, 2)),
        ([box(0, 0), box(1, 0)], [label(box(0, 0)), label(box(1, 0))], (2, 2, 2)),
        # illegible text neither has to be found nor is it wrong to find it
        ([], [label(box(0, 0), care=False)], (0, 0, 0)),
        ([box(0, 0)], [label(box(0, 0), care=False)], (0, 0, 0)),
        # a detection counts unless more than half of it lies there
        ([box(50, 0)], [label(box(0, 0), care=False)], (0, 1, 0)),
        ([box(49, 0)], [label(box(0, 0), care=False)], (0, 0, 0)),
        ([box(0, 0, 10, 10)], [label(box(0, 0, 500, 500), care=False)], (0, 0, 0)),
        ([box(0, 0)], [label(box(0, 0)), label(box(0, 0), care=False)], (0, 0, 1)),
        # a label without area
        ([box(0, 0)], [label(np.full((4, 2), 5.0)), label(np.full((4, 2), 5.0), care=False)], (0, 1, 1)),
    ],
)
def test_detections_on_one_image(
    found: list[np.ndarray], labels: list[LabelledBox], counts: tuple[int, int, int]
) -> None:
    matched, detected, labelled = counts
    score = DetectionScore(matched, detected, labelled)
    assert score_detection(found, labels) == score
    assert score_detection([quad[::-1] for quad in found], labels) == score


def test_a_concave_label() -> None:
    arch = np.array(
        [[0, 0], [100, 0], [100, 60], [70, 60], [70, 30], [30, 30], [30, 60], [0, 60]], np.float32
    )
    # its area is 4800 of the 6000 around it; the other 1200 are its opening
    assert score_detection([box(0, 0, 100, 60)], [label(arch)]).matched == 1
    assert score_detection([box(30, 30, 40, 30)], [label(arch, care=False)]).detected == 1
    assert score_detection([box(0, 0, 100, 30)], [label(arch, care=False)]).detected == 0


def test_matching_does_not_depend_on_the_order_where_boxes_are_apart() -> None:
    found = [box(0, 0), box(0, 50), box(0, 100)]
    for order in permutations(found):
        assert score_detection(order, [label(box(3, 50)), label(box(3, 100))]) == DetectionScore(2, 3, 2)


def test_scores_add_up() -> None:
    total = sum([DetectionScore(3, 4, 6), DetectionScore(1, 4, 2)], start=DetectionScore())
    assert total == DetectionScore(4, 8, 8)
    assert (total.precision, total.recall, total.hmean) == (0.5, 0.5, 0.5)
    assert DetectionScore(3, 4, 6).precision == 0.75
    assert DetectionScore(3, 4, 6).recall == 0.5
    assert DetectionScore(3, 4, 6).hmean == pytest.approx(0.6)


@pytest.mark.parametrize("counts", [(0, 0, 0), (0, 5, 0), (0, 0, 5), (0, 5, 5)])
def test_nothing_found_is_0(counts: tuple[int, int, int]) -> None:
    score = DetectionScore(*counts)
    assert (score.precision, score.recall, score.hmean) == (0, 0, 0)


@pytest.mark.shared
@pytest.mark.embedded
def test_real_labels_against_shapely(shared_dir: Path) -> None:
    """The protocol once more, with another library's areas, on labels and copies of them that are off."""
    from shapely.geometry import Polygon

    dice = np.random.default_rng(6)
    pages = read_detection_labels(shared_dir / "images" / "icdar2015" / "det_evaluation.txt")
    ours, theirs = DetectionScore(), DetectionScore()
    for page in pages[:40]:
        found = [
            np.round(box.quad + dice.normal(0, 6, 2)).astype(np.float32)
            for box in page.boxes
            if dice.random() < 0.8
        ]
        ours += score_detection(found, page.boxes)
        shapes = [Polygon(quad) for quad in found]
        known = [(Polygon(box.quad), box.care) for box in page.boxes]
        left = [
            shape
            for shape in shapes
            if not any(not care and shape.intersection(one).area > 0.5 * shape.area for one, care in known)
        ]
        theirs += DetectionScore(0, len(left), sum(care for _, care in known))
        for one, care in known:
            best = [shape for shape in left if one.intersection(shape).area > 0.5 * one.union(shape).area]
            if care and best:
                left.remove(best[0])
                theirs += DetectionScore(matched=1)
    assert ours == theirs
    assert 0.2 < ours.hmean < 0.9
