"""Boxes hold the ink of their lines, all of it, and nothing of the others'."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from edge.geometry import intersection_area, polygon_area
from slim.data.synthetic import SyntheticPages
from slim.data.synthetic.draws import item_rng
from slim.data.synthetic.scene import Scene

SIZE = (640, 480)
COUNT = 24


@pytest.fixture(scope="module")
def pages(chinese: str) -> SyntheticPages:
    return SyntheticPages(chinese, count=COUNT, seed=11, size=SIZE)


@pytest.fixture(scope="module")
def scenes(pages: SyntheticPages) -> list[Scene]:
    return [pages.compose(item_rng(11, index)) for index in range(COUNT)]


def inside(quad: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which pixels' middles lie within a quadrilateral."""
    factor = 8
    mask = Image.new("1", (size[0] * factor, size[1] * factor))
    ImageDraw.Draw(mask).polygon([(x, y) for x, y in (quad * factor).tolist()], fill=1)
    return np.asarray(mask)[factor // 2 :: factor, factor // 2 :: factor]


def test_boxes_hold_all_ink_of_their_line_and_fit_it(scenes: list[Scene]) -> None:
    shares, fills = [], []
    for scene in scenes:
        for line in scene.lines[:12]:
            ink = np.asarray(line.ink, np.float64)
            within = inside(line.quad - np.array(line.at, np.float32), line.ink.size)
            shares.append((ink * within).sum() / ink.sum())
            fills.append((ink.max(axis=0) > 100).mean())
    assert len(shares) > 150
    assert min(shares) > 0.995
    assert float(np.median(fills)) > 0.6


def test_ink_is_seen_in_the_picture(scenes: list[Scene]) -> None:
    """Under the ink the picture has another colour than around it within the box."""
    seen = []
    for scene in scenes:
        picture = np.asarray(scene.picture, np.float64) @ (0.299, 0.587, 0.114)
        for line in scene.lines:
            left, top = line.at
            part = picture[top : top + line.ink.height, left : left + line.ink.width]
            ink = np.asarray(line.ink)[: part.shape[0], : part.shape[1]]
            if (ink > 200).sum() > 20:
                seen.append(abs(part[ink > 200].mean() - part[ink < 20].mean()))
    assert len(seen) > 200
    assert float(np.quantile(seen, 0.02)) > 25


def test_boxes_stay_in_the_picture_and_off_each_other(pages: SyntheticPages) -> None:
    overlapping = total = 0
    for index in range(COUNT):
        boxes = pages[index].boxes
        assert boxes
        for number, box in enumerate(boxes):
            assert box.quad.min() >= 0
            assert (box.quad.max(axis=0) <= SIZE).all()
            assert box.care
            assert box.text.strip() == box.text != ""
            total += 1
            others = (other.quad for other in boxes[:number])
            area = polygon_area(box.quad)
            overlapping += any(intersection_area(box.quad, other) > 0.15 * area for other in others)
    assert total > 200
    assert overlapping <= 0.02 * total


def test_pages_have_lines_of_many_sizes_and_directions(scenes: list[Scene], chinese: str) -> None:
    quads = np.array([line.quad for scene in scenes for line in scene.lines])
    along = quads[:, 1] - quads[:, 0]
    angles = np.degrees(np.abs(np.arctan2(along[:, 1], along[:, 0])))
    heights = np.hypot(*(quads[:, 3] - quads[:, 0]).T)
    assert (angles < 10).mean() > 0.7
    assert (angles > 3).mean() > 0.05
    assert np.quantile(heights, 0.97) > 3 * np.quantile(heights, 0.03)
    text = "".join(line.text for scene in scenes for line in scene.lines)
    assert set(text) <= set(chinese)
    kinds = {
        "Han": sum("\u4e00" <= c <= "\u9fff" for c in text),
        "Latin": sum(c.isascii() and c.isalpha() for c in text),
        "digits": sum(c.isdigit() for c in text),
    }
    assert min(kinds.values()) > 0.05 * len(text), kinds


@pytest.mark.parametrize("size", [(160, 160), (160, 900), (1200, 160)])
def test_any_size_has_a_line(english: str, size: tuple[int, int]) -> None:
    for page in SyntheticPages(english, count=5, seed=2, size=size):
        assert page.picture.size == size
        assert page.picture.mode == "RGB"
        assert page.boxes
