"""Regions of a bitmap, compared with OpenCV's connected components point by point."""

from __future__ import annotations

import numpy as np
import pytest

from edge.geometry import convex_hull, convex_hull_of_sorted
from edge.ocr.regions import region_outlines


def outline_of(mask: np.ndarray) -> list[list[int]]:
    """The obvious way: the leftmost and the rightmost pixel of every row."""
    points = []
    for y in range(mask.shape[0]):
        columns = np.flatnonzero(mask[y])
        if len(columns):
            points += [[int(columns[0]), y], [int(columns[-1]), y]]
    return points


def outlines_by_opencv(bitmap: np.ndarray) -> list[list[list[int]]]:
    """Every 8-connected component, in the order of its first pixel."""
    import cv2

    count, labels = cv2.connectedComponents(bitmap.astype(np.uint8), connectivity=8)
    flat = labels.ravel()
    order = sorted(range(1, count), key=lambda label: int(np.argmax(flat == label)))
    return [outline_of(labels == label) for label in order]


def ours(bitmap: np.ndarray) -> list[list[list[int]]]:
    return [outline.tolist() for outline in region_outlines(bitmap)]


def bitmap_of(*rows: str) -> np.ndarray:
    return np.array([[character == "#" for character in row] for row in rows])


@pytest.mark.embedded
@pytest.mark.parametrize("density", [0.02, 0.2, 0.4, 0.5, 0.6, 0.9, 0.98])
def test_noise(density: float) -> None:
    dice = np.random.default_rng(round(density * 100))
    for _ in range(40):
        height, width = dice.integers(1, 50, 2)
        bitmap = dice.random((height, width)) < density
        assert ours(bitmap) == outlines_by_opencv(bitmap)


@pytest.mark.embedded
def test_blobs_as_detection_maps_have_them() -> None:
    from scipy.ndimage import gaussian_filter

    dice = np.random.default_rng(0)
    for _ in range(5):
        bitmap = gaussian_filter(dice.random((160, 256)), (1.5, 6)) > 0.53
        found = ours(bitmap)
        assert len(found) > 10
        assert found == outlines_by_opencv(bitmap)


@pytest.mark.embedded
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 40), (40, 2)])
def test_thin_bitmaps(shape: tuple[int, int]) -> None:
    dice = np.random.default_rng(shape[0])
    for _ in range(30):
        bitmap = dice.random(shape) < 0.5
        assert ours(bitmap) == outlines_by_opencv(bitmap)


def test_nothing_set() -> None:
    for shape in ((5, 7), (1, 1), (0, 5), (5, 0)):
        assert region_outlines(np.zeros(shape, bool)) == []


def test_everything_set() -> None:
    (outline,) = region_outlines(np.ones((3, 5), bool))
    assert outline.tolist() == [[0, 0], [4, 0], [0, 1], [4, 1], [0, 2], [4, 2]]


@pytest.mark.parametrize("at", [(0, 0), (0, 6), (4, 0), (4, 6), (2, 3)])
def test_one_pixel(at: tuple[int, int]) -> None:
    bitmap = np.zeros((5, 7), bool)
    bitmap[at] = True
    assert ours(bitmap) == [[[at[1], at[0]], [at[1], at[0]]]]


def test_corners_that_touch_connect() -> None:
    assert len(ours(bitmap_of("#..", ".#.", "..#"))) == 1
    assert len(ours(bitmap_of("..#", ".#.", "#.."))) == 1
    assert len(ours(bitmap_of("##..##", "..##..", "##..##"))) == 1
    assert len(ours(bitmap_of("#..#", "....", "#..#"))) == 4


def test_a_row_s_end_does_not_touch_the_next_row_s_beginning() -> None:
    assert ours(bitmap_of("..#", "...", "#..")) == [[[2, 0], [2, 0]], [[0, 2], [0, 2]]]
    assert len(ours(bitmap_of("...#", "#..."))) == 2
    assert len(ours(bitmap_of("..##", "....", "##..", "..##"))) == 2


def test_arms_that_meet_below_are_one_region() -> None:
    assert ours(bitmap_of("#.#.#", "#.#.#", "#####")) == [[[0, 0], [4, 0], [0, 1], [4, 1], [0, 2], [4, 2]]]


def test_a_region_inside_another_stays_its_own() -> None:
    rings = bitmap_of("#####", "#...#", "#.#.#", "#...#", "#####")
    assert [len(outline) for outline in region_outlines(rings)] == [10, 2]


def test_regions_come_in_the_order_of_their_first_pixels() -> None:
    # the one that begins rightmost but highest comes first
    assert [outline[0] for outline in ours(bitmap_of("....#", "#...#", "..#.."))] == [[4, 0], [0, 1], [2, 2]]


def test_outlines_are_sorted_and_have_the_region_s_hull() -> None:
    dice = np.random.default_rng(3)
    bitmap = dice.random((40, 40)) < 0.45
    for outline in region_outlines(bitmap):
        assert outline.tolist() == sorted(outline.tolist(), key=lambda point: (point[1], point[0]))
        assert np.array_equal(convex_hull_of_sorted(outline), convex_hull(outline))


def test_the_bitmap_is_not_changed() -> None:
    bitmap = np.random.default_rng(3).random((20, 30)) < 0.5
    before = bitmap.copy()
    region_outlines(bitmap[:, ::-1])
    assert np.array_equal(bitmap, before)
