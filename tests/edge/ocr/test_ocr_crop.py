"""Level line pictures, compared with those that RapidOCR cuts with OpenCV."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.ocr.crop import crop_line, crop_size, is_vertical, with_margin
from edge.ocr.image import load_image


def turned(cx: float, cy: float, width: float, height: float, degrees: float) -> np.ndarray:
    """A rectangle on whole pixels, as detection gives them, turned clockwise as seen."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    return np.round(corners @ np.array([[cosine, sine], [-sine, cosine]]) + (cx, cy)).astype(np.float32)


def quad(*corners: tuple[float, float]) -> np.ndarray:
    return np.array(corners, np.float32)


def opencv_crop(picture: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """RapidOCR's, which needs no state, so no network has to be loaded for it."""
    from rapidocr_paddle.main import RapidOCR

    return RapidOCR.__new__(RapidOCR).get_crop_img_list(picture, corners[None])[0]


# a photograph of 500x500 pixels
ON_THE_GRID = {
    "level": quad((100, 60), (300, 60), (300, 100), (100, 100)),
    "vertical": quad((100, 20), (130, 20), (130, 200), (100, 200)),
    "top left corner": quad((0, 0), (120, 0), (120, 30), (0, 30)),
    "bottom right corner": quad((300, 470), (499, 470), (499, 499), (300, 499)),
    "everything": quad((0, 0), (499, 0), (499, 499), (0, 499)),
}
RESAMPLED = {
    **{f"turned by {degrees}°": turned(240, 250, 200, 40, degrees) for degrees in (1, 10, -30, 45, 90, 180)},
    "steep, so vertical": turned(240, 250, 36, 200, 12),
    "perspective": quad((100, 60), (300, 80), (310, 130), (90, 95)),
    "strong perspective": quad((100, 60), (400, 10), (420, 200), (90, 90)),
    "along the top left": quad((0, 0), (200, 5), (200, 45), (0, 40)),
    "along the bottom right": quad((298, 453), (499, 459), (499, 499), (298, 493)),
    "between pixels": quad((100.5, 60.25), (300.5, 60.25), (300.5, 100.25), (100.5, 100.25)),
}


@pytest.fixture(scope="module")
def photograph(shared_dir: Path) -> Image.Image:
    return load_image(shared_dir / "images/paddleocr_doc/imgs/11.jpg").picture


@pytest.mark.shared
@pytest.mark.embedded
@pytest.mark.parametrize("name", ON_THE_GRID)
def test_level_lines_are_the_picture_s_own_pixels(name: str, photograph: Image.Image) -> None:
    crop = np.asarray(crop_line(photograph, ON_THE_GRID[name]))
    assert np.array_equal(crop, opencv_crop(np.asarray(photograph), ON_THE_GRID[name]))


@pytest.mark.shared
@pytest.mark.embedded
@pytest.mark.parametrize("name", RESAMPLED)
def test_other_lines_are_opencv_s_but_for_the_kernel(name: str, photograph: Image.Image) -> None:
    crop = np.asarray(crop_line(photograph, RESAMPLED[name])).astype(int)
    theirs = opencv_crop(np.asarray(photograph), RESAMPLED[name])
    assert crop.shape == theirs.shape
    difference = np.abs(crop - theirs)
    # bicubic with a = -0.5 in Pillow, -0.75 in OpenCV; a shift by half a pixel would make 5 and more
    assert difference.mean() < 1.5
    assert (difference > 16).mean() < 0.005


def ramp(width: int, height: int) -> Image.Image:
    """Red grows with x, green with y: a pixel's colour says where it came from."""
    rows, columns = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([columns, rows, 0 * rows], axis=2).astype(np.uint8))


def test_where_every_pixel_comes_from() -> None:
    crop = np.asarray(crop_line(ramp(200, 150), turned(100, 75, 80, 40, 90)))
    # text that runs downwards: its beginning is at the top right of the region
    assert crop.shape == (40, 80, 3)
    assert np.abs(crop[0, 0, :2].astype(int) - (120, 35)).max() <= 1
    assert np.abs(crop[0, -1, :2].astype(int) - (120, 114)).max() <= 1
    assert np.abs(crop[-1, -1, :2].astype(int) - (81, 114)).max() <= 1


@pytest.mark.parametrize(
    ("size", "vertical"), [((20, 28), False), ((20, 30), True), ((20, 90), True), ((90, 20), False)]
)
def test_vertical_lines_are_turned(size: tuple[int, int], vertical: bool) -> None:
    corners = turned(100, 75, *size, 0)
    crop = crop_line(ramp(200, 150), corners)
    assert is_vertical(corners) == vertical
    assert crop.size == (size[::-1] if vertical else size)
    # the second corner, at the top right, comes to the top left
    first = corners[1] - (1, 0) if vertical else corners[0]
    assert crop.getpixel((0, 0))[:2] == tuple(first)


@pytest.mark.parametrize(
    ("corners", "size"),
    [
        (quad((10, 10), (10, 10), (10, 50), (10, 50)), (1, 40)),
        (quad((10, 10), (50, 10), (50, 10), (10, 10)), (40, 1)),
        (quad((10, 10), (10, 10), (10, 10), (10, 10)), (1, 1)),
        (quad((10, 10), (50, 50), (50, 50), (10, 10)), (56, 1)),
        (quad((10, 10), (50, 50), (50, 10), (10, 50)), (56, 40)),
        (quad((10, 10), (100, 10), (30, 30), (10, 100)), (90, 90)),
        (quad((10, 10), (10.4, 10), (10.4, 10.4), (10, 10.4)), (1, 1)),
    ],
    ids=["no width", "no height", "a point", "a slanted line", "crossed", "concave", "less than a pixel"],
)
def test_quadrilaterals_that_are_none(corners: np.ndarray, size: tuple[int, int]) -> None:
    assert crop_size(corners) == size
    crop = crop_line(ramp(200, 150), corners)
    assert crop.mode == "RGB"
    assert crop.size == (size[::-1] if is_vertical(corners) else size)


@pytest.mark.parametrize("degrees", [0, 20])
@pytest.mark.parametrize(("cx", "cy"), [(-500, 75), (100, -500), (900, 75), (100, 900)])
def test_what_lies_outside_is_black(cx: int, cy: int, degrees: int) -> None:
    white = Image.new("RGB", (200, 150), (255, 255, 255))
    assert np.asarray(crop_line(white, turned(cx, cy, 80, 40, degrees))).max() == 0
    partly = np.asarray(crop_line(white, turned(0, 75, 80, 40, degrees)))
    assert partly[20, 10].max() == 0
    assert partly[20, 70].min() == 255


def test_neither_picture_nor_corners_are_changed() -> None:
    picture, corners = ramp(200, 150), RESAMPLED["perspective"].copy()
    before = picture.tobytes(), corners.tobytes()
    crop_line(picture, corners).paste((9, 9, 9), (0, 0, 50, 50))
    assert (picture.tobytes(), corners.tobytes()) == before


def test_a_margin_grows_a_box_by_whole_pixels_on_all_sides() -> None:
    box = quad((50, 40), (150, 40), (150, 65), (50, 65))
    grown = with_margin(box, 0.08, (200, 150))
    np.testing.assert_array_equal(grown, quad((48, 38), (152, 38), (152, 67), (48, 67)))


def test_a_margin_follows_the_direction_of_the_line() -> None:
    box = turned(100, 75, 80, 40, 30)
    grown = with_margin(box, 0.1, (200, 150))
    np.testing.assert_allclose(grown, turned(100, 75, 88, 48, 30), atol=1)  # `turned` rounds


def test_a_margin_stays_inside_the_picture_and_starts_where_it_is_worth_a_pixel() -> None:
    box = quad((1, 1), (199, 1), (199, 149), (1, 149))
    np.testing.assert_array_equal(
        with_margin(box, 0.5, (200, 150)), quad((0, 0), (199, 0), (199, 149), (0, 149))
    )
    small = quad((10, 10), (40, 10), (40, 15), (10, 15))
    assert with_margin(small, 0.08, (200, 150)) is small
    point = quad((9, 9), (9, 9), (9, 9), (9, 9))
    np.testing.assert_array_equal(with_margin(point, 0.08, (200, 150)), point)
