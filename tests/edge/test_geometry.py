"""Hulls, rectangles and overlaps against OpenCV and Shapely, on random and on degenerate shapes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from edge.geometry import (
    convex_hull,
    convex_hull_of_sorted,
    intersection_area,
    intersection_over_union,
    min_area_rectangle,
    order_corners,
    polygon_area,
)

DEGENERATE = {
    "one point": [[7, 3]],
    "one point, many times": [[7, 3]] * 5,
    "two points": [[7, 3], [10, 8]],
    "two points, many times": [[7, 3], [10, 8]] * 4,
    "a row": [[x, 4] for x in range(9)],
    "a column": [[4, y] for y in range(9)],
    "a diagonal": [[x, 2 * x] for x in range(9)],
    "a diagonal, shuffled, twice": [[x, -3 * x] for x in (4, 0, 8, 2, 6, 6, 2, 8, 0, 4)],
    "a triangle": [[0, 0], [10, 0], [0, 10]],
    "a square with points on its sides": [[x, y] for x in range(4) for y in range(4)],
    "negative coordinates": [[-5, -5], [-1, -9], [-3, -2], [-8, -8]],
}


def point_sets() -> Iterator[np.ndarray]:
    """400 sets of 3 to 60 points: whole pixels in small and large ranges, with repeats, and fractions."""
    dice = np.random.default_rng(11)
    for number in range(400):
        count, span = int(dice.integers(3, 60)), int(dice.choice([3, 20, 1000]))
        points = dice.integers(-span, span, (count, 2)).astype(np.float64)
        yield points + dice.random((count, 2)) if number % 3 == 0 else points


def set_of(points: np.ndarray) -> set[tuple[float, ...]]:
    return {tuple(point) for point in points.tolist()}


def turning(polygon: np.ndarray) -> np.ndarray:
    """Cross product at every corner: its sign is the side the outline turns to."""
    there, back = np.roll(polygon, -1, axis=0) - polygon, polygon - np.roll(polygon, 1, axis=0)
    return back[:, 0] * there[:, 1] - back[:, 1] * there[:, 0]


@pytest.mark.embedded
def test_hull_has_opencv_s_corners() -> None:
    import cv2

    for points in point_sets():
        hull = convex_hull(points)
        if np.array_equal(points, np.round(points)):
            theirs = cv2.convexHull(points.astype(np.int32)).reshape(-1, 2)
            assert set_of(hull) == set_of(theirs)
        else:  # OpenCV computes with float32
            theirs = cv2.convexHull(points.astype(np.float32)).reshape(-1, 2)
            assert polygon_area(hull) == pytest.approx(polygon_area(theirs), rel=1e-5)


def test_hull_is_convex_and_around_every_point() -> None:
    for points in point_sets():
        hull = convex_hull(points)
        assert set_of(hull) <= set_of(points)
        if len(hull) > 2:
            assert (turning(hull) > 0).all() or (turning(hull) < 0).all()
            outside = [
                side
                for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True)
                for side in np.cross(end - start, points - start) * np.sign(turning(hull)[0])
            ]
            assert min(outside) >= -1e-9


@pytest.mark.parametrize("name", DEGENERATE)
def test_hulls_of_degenerate_sets(name: str) -> None:
    points = np.array(DEGENERATE[name])
    hull = convex_hull(points)
    expected = (
        1
        if name.startswith("one point")
        else 2
        if name.startswith(("two", "a row", "a column", "a d"))
        else 0
    )
    assert len(hull) == len(set_of(hull)) == (expected or len(hull))
    assert (len(hull) <= 2) == bool(expected)
    assert hull.min(axis=0).tolist() == points.min(axis=0).tolist()
    assert hull.max(axis=0).tolist() == points.max(axis=0).tolist()


def test_sorted_points_give_the_same_hull() -> None:
    points = np.random.default_rng(1).integers(0, 30, (50, 2))
    ordered = np.array(sorted(points.tolist(), key=lambda point: (point[1], point[0])))
    assert np.array_equal(convex_hull_of_sorted(ordered), convex_hull(points))


def rectangle_of(points: np.ndarray) -> tuple[np.ndarray, float, float]:
    rectangle = min_area_rectangle(convex_hull(points))
    return rectangle.corners, rectangle.longer, rectangle.shorter


@pytest.mark.embedded
def test_rectangle_is_as_small_as_opencv_s() -> None:
    import cv2

    for points in point_sets():
        _, longer, shorter = rectangle_of(points)
        theirs = sorted(cv2.minAreaRect(points.astype(np.float32))[1])
        # on equal areas either may be chosen, so sides are compared by their product
        assert longer * shorter == pytest.approx(theirs[0] * theirs[1], rel=1e-4, abs=1e-2)


@pytest.mark.parametrize("name", ["random", *DEGENERATE])
def test_rectangle_is_one_and_holds_every_point(name: str) -> None:
    for points in point_sets() if name == "random" else [np.array(DEGENERATE[name], float)]:
        corners, longer, shorter = rectangle_of(points)
        corners = corners.astype(float)
        sides = np.roll(corners, -1, axis=0) - corners
        slack = 1e-5 * max(1.0, np.abs(points).max())
        assert sorted(np.hypot(*sides.T)) == pytest.approx([shorter, shorter, longer, longer], abs=10 * slack)
        rightwards, downwards = sides[0], -sides[3]
        assert np.abs(rightwards @ downwards) <= slack * max(1.0, longer)
        for side in (rightwards, downwards):
            if (length := math.hypot(*side)) > 0:
                along = (points - corners[0]) @ (side / length)
                assert -10 * slack <= along.min()
                assert along.max() <= length + 10 * slack


@pytest.mark.parametrize("name", [name for name in DEGENERATE if len(DEGENERATE[name]) < 11])
def test_rectangles_without_area(name: str) -> None:
    points = np.array(DEGENERATE[name], float)
    _, longer, shorter = rectangle_of(points)
    if len(convex_hull(points)) > 2:
        assert shorter > 1
    else:
        assert shorter == pytest.approx(0, abs=1e-9)
        assert longer == pytest.approx(np.hypot(*np.ptp(points, axis=0)))


def test_a_known_rectangle() -> None:
    rectangle = min_area_rectangle(np.array([[0, 5], [5, 0], [15, 10], [10, 15]]))
    assert rectangle.longer == pytest.approx(math.hypot(10, 10))
    assert rectangle.shorter == pytest.approx(math.hypot(5, 5))
    assert rectangle.corners == pytest.approx(np.array([[5, 0], [15, 10], [10, 15], [0, 5]]), abs=1e-5)


def turned(width: float, height: float, degrees: float) -> np.ndarray:
    """A rectangle's corners from its text's top left, turned clockwise as seen."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    return (corners @ np.array([[cosine, sine], [-sine, cosine]]) + 50).astype(np.float32)


@pytest.mark.parametrize("degrees", range(-44, 45, 4))
@pytest.mark.parametrize("shape", [(100, 100), (100, 30), (300, 10)])
def test_corners_start_at_the_top_left_of_a_leaning_line(degrees: int, shape: tuple[int, int]) -> None:
    quad = turned(*shape, degrees)
    dice = np.random.default_rng(degrees + 50)
    for _ in range(5):
        assert np.array_equal(order_corners(dice.permutation(quad)), quad)


@pytest.mark.embedded
def test_corners_are_ordered_as_rapidocr_orders_them() -> None:
    import cv2
    from rapidocr_paddle.ch_ppocr_det.utils import DBPostProcess

    for points in point_sets():
        box = cv2.boxPoints(cv2.minAreaRect(points.astype(np.float32)))
        theirs, _ = DBPostProcess().get_mini_boxes(points.astype(np.float32))
        assert np.array_equal(order_corners(box), theirs)


def test_area_does_not_depend_on_direction_start_or_place() -> None:
    square = np.array([[0, 0], [4, 0], [4, 3], [0, 3]])
    for polygon in (square, square[::-1], np.roll(square, 1, axis=0), square - 1000):
        assert polygon_area(polygon) == 12
    assert polygon_area(np.array([[0, 0], [4, 0], [0, 3]])) == 6
    assert polygon_area(square.astype(np.uint8)) == 12  # which a product of bytes would not be


def quads() -> Iterator[np.ndarray]:
    """Convex quadrilaterals of 300 random directions, sizes and places, both ways round; many overlap."""
    dice = np.random.default_rng(4)
    for _ in range(300):
        quad = turned(dice.uniform(1, 80), dice.uniform(1, 40), dice.uniform(0, 360)) + dice.uniform(0, 40, 2)
        yield quad[::-1] if dice.random() < 0.5 else quad


@pytest.mark.embedded
def test_overlap_is_shapely_s() -> None:
    from shapely.geometry import Polygon

    polygons = list(quads())
    apart = 0
    for first, second in pairwise(polygons):
        ours, theirs = Polygon(first), Polygon(second)
        common, union = ours.intersection(theirs).area, ours.union(theirs).area
        assert intersection_area(first, second) == pytest.approx(common, rel=1e-6, abs=1e-6)
        assert intersection_over_union(first, second) == pytest.approx(common / union, rel=1e-6, abs=1e-9)
        assert intersection_over_union(second, first) == pytest.approx(common / union, rel=1e-6, abs=1e-9)
        apart += common == 0
    assert 20 < apart < 280


@pytest.mark.embedded
def test_overlap_of_hulls_with_many_corners_is_shapely_s() -> None:
    from shapely.geometry import Polygon

    hulls = [hull for points in point_sets() if len(hull := convex_hull(points)) > 2]
    for first, second in pairwise(hulls):
        common = Polygon(first).intersection(Polygon(second)).area
        assert intersection_area(first, second) == pytest.approx(common, rel=1e-6, abs=1e-6)


@pytest.mark.embedded
def test_the_first_polygon_may_be_concave() -> None:
    from shapely.geometry import Polygon

    dice = np.random.default_rng(12)
    for window in quads():
        # a star: corners at rising angles, near and far
        angles = (np.arange(9) + dice.uniform(0, 0.9, 9)) * 2 * math.pi / 9
        star = 60 + (dice.uniform(3, 60, 9) * (np.cos(angles), np.sin(angles))).T
        shape = Polygon(star)
        common = shape.intersection(Polygon(window)).area
        assert intersection_area(star, window) == pytest.approx(common, rel=1e-6, abs=1e-6)
        union = shape.area + Polygon(window).area - common
        assert intersection_over_union(star[::-1], window) == pytest.approx(
            common / union, rel=1e-6, abs=1e-9
        )


SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], np.float32)


@pytest.mark.parametrize(
    ("other", "common"),
    [
        (SQUARE, 100),
        (SQUARE + 20, 0),
        (np.add(SQUARE, (10, 0)), 0),
        (np.add(SQUARE, (10, 10)), 0),
        (np.add(SQUARE, (5, 0)), 50),
        (SQUARE / 2 + 2, 25),
        (SQUARE * 3 - 10, 100),
    ],
    ids=["same", "apart", "touching at a side", "touching at a corner", "half", "inside", "around"],
)
def test_overlaps_that_can_be_told_by_eye(other: np.ndarray, common: float) -> None:
    for first, second in ((SQUARE, other), (other, SQUARE), (SQUARE[::-1], other), (other[::-1], SQUARE)):
        assert intersection_area(first, second) == pytest.approx(common)
        union = 100 + polygon_area(other) - common
        assert intersection_over_union(first, second) == pytest.approx(common / union)


@pytest.mark.parametrize(
    "points", [[[5, 5]] * 4, [[1, 1], [9, 9], [9, 9], [1, 1]], [[5, 5]], [[2, 2], [8, 3]]]
)
def test_what_has_no_area_overlaps_nothing(points: list[list[int]]) -> None:
    other = np.array(points, np.float32)
    for first, second in ((SQUARE, other), (other, SQUARE), (other, other)):
        assert intersection_area(first, second) == 0
        assert intersection_over_union(first, second) == 0
