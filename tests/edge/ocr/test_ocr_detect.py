"""Detection: input sizes, and boxes from maps, compared with RapidOCR's on maps of real photographs."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from edge.errors import TensorError
from edge.geometry import convex_hull, intersection_over_union, min_area_rectangle, polygon_area
from edge.ocr.detect import _mean_inside, boxes_from_map, detection_input, input_size, probability_map
from edge.ocr.image import load_image
from edge.ocr.parameters import DetectionParameters
from edge.ocr.pipeline import OCR
from edge.ocr.result import TextBox

MAX = DetectionParameters()
MIN = DetectionParameters(limit_type="min", limit_side=736)


def quads(boxes: list[TextBox]) -> list[list[list[float]]]:
    return [box.quad.tolist() for box in boxes]


@pytest.mark.parametrize(
    ("size", "parameters", "expected"),
    [
        ((640, 480), MAX, (640, 480)),
        ((960, 960), MAX, (960, 960)),
        ((1280, 720), MAX, (960, 544)),
        ((1000, 1000), MAX, (960, 960)),
        ((655, 657), MAX, (640, 672)),
        ((1, 1), MAX, (32, 32)),
        ((1, 5000), MAX, (32, 960)),
        ((20_000, 30), MAX, (960, 32)),
        ((100, 50), MIN, (1472, 736)),
        ((1000, 800), MIN, (992, 800)),
        ((1, 5000), MIN, (32, 2016)),
        ((20_000, 30), MIN, (2016, 32)),
        ((9000, 9000), MIN, (2016, 2016)),
        ((500, 40), DetectionParameters(longest_side=2010, limit_side=9999), (512, 32)),
        ((5000, 5000), DetectionParameters(longest_side=2010, limit_side=9999), (1984, 1984)),
    ],
)
def test_input_sizes(
    size: tuple[int, int], parameters: DetectionParameters, expected: tuple[int, int]
) -> None:
    assert input_size(*size, parameters) == expected


@pytest.mark.parametrize("limit_type", ["max", "min"])
def test_input_sizes_are_multiples_of_32_within_bounds(limit_type: str) -> None:
    dice = np.random.default_rng(2)
    for _ in range(3000):
        longest = int(dice.integers(32, 3000))
        parameters = DetectionParameters(int(dice.integers(1, 4000)), limit_type, longest)  # type: ignore[arg-type]
        width, height = (int(10 ** dice.uniform(0, 5)) for _ in range(2))
        sides = input_size(width, height, parameters)
        assert all(side % 32 == 0 and 32 <= side <= longest for side in sides)
        if limit_type == "max":
            assert max(sides) <= max(32, parameters.limit_side + 16)


@pytest.mark.embedded
@pytest.mark.parametrize("parameters", [MAX, dataclasses.replace(MIN, longest_side=4000)], ids=["max", "min"])
def test_input_sizes_are_rapidocr_s(parameters: DetectionParameters) -> None:
    from rapidocr_paddle.ch_ppocr_det.utils import DetPreProcess

    prepare = DetPreProcess(parameters.limit_side, parameters.limit_type)
    dice = np.random.default_rng(5)
    for _ in range(60):
        width, height = (int(side) for side in dice.integers(400, 1400, 2))
        theirs = prepare.resize(np.zeros((height, width, 3), np.uint8))
        assert input_size(width, height, parameters) == theirs.shape[1::-1]


@pytest.mark.parametrize("size", [(1, 5000), (20_000, 30), (1, 1), (97, 41), (3000, 3000)])
def test_the_input_is_normalized_and_bounded(size: tuple[int, int]) -> None:
    tensor = detection_input(Image.new("RGB", size, (255, 0, 51)), MIN)
    width, height = input_size(*size, MIN)
    assert tensor.shape == (1, 3, height, width)
    assert tensor.dtype == np.float32
    assert tensor.nbytes <= 2016 * 2016 * 3 * 4
    # channels are B, G, R
    expected = [(value - m) / s for value, m, s in zip((0.2, 0.0, 1.0), MIN.mean, MIN.std, strict=True)]
    assert np.abs(tensor - np.array(expected).reshape(1, 3, 1, 1)).max() < 1e-5


def test_the_map_is_the_first_channel() -> None:
    output = np.arange(3 * 4 * 5, dtype=np.float32).reshape(1, 3, 4, 5)
    assert np.array_equal(probability_map(output), output[0, 0])


@pytest.mark.parametrize(
    "shape",
    [(4, 5), (1, 4, 5), (1, 40, 6625), (1, 2), (2, 1, 4, 5), (1, 1, 1, 4, 5), (1, 0, 4, 5), (1, 1, 0, 5)],
)
def test_outputs_of_other_networks_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(TensorError, match=r"^detection output: has shape .*; use a detection model"):
        probability_map(np.zeros(shape, np.float32))


def test_an_empty_map_has_no_boxes() -> None:
    for shape in ((32, 32), (544, 960), (1, 1)):
        assert boxes_from_map(np.zeros(shape, np.float32), (640, 480), MAX) == []


def test_a_full_map_is_one_box_over_the_picture() -> None:
    (box,) = boxes_from_map(np.ones((64, 96), np.float32), (640, 480), MAX)
    assert quads([box]) == [[[0, 0], [639, 0], [639, 479], [0, 479]]]
    assert box.score == 1


def map_with(*rectangles: tuple[float, float, float, float, float]) -> np.ndarray:
    """A 320x256 map: rectangles of centre, sides and clockwise turn have probability 0.9, the rest 0.1."""
    image = Image.new("L", (320, 256), 10)
    for cx, cy, width, height, degrees in rectangles:
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
        turned = corners @ np.array([[cosine, sine], [-sine, cosine]]) + (cx, cy)
        ImageDraw.Draw(image).polygon([(x, y) for x, y in turned], fill=90)
    return np.asarray(image, dtype=np.float32) / 100


@pytest.mark.parametrize("degrees", [-35, -10, 0, 5, 20, 40])
def test_a_region_grows_by_area_times_ratio_over_perimeter(degrees: float) -> None:
    width, height = 120, 20
    (box,) = boxes_from_map(map_with((160, 128, width, height, degrees)), (320, 256), MAX)
    offset = width * height * MAX.unclip_ratio / (2 * (width + height))
    sides = np.hypot(*(np.roll(box.quad, -1, axis=0) - box.quad).T)
    assert sides[0::2] == pytest.approx(width + 2 * offset, abs=5)
    assert sides[1::2] == pytest.approx(height + 2 * offset, abs=5)
    assert box.quad.mean(axis=0) == pytest.approx([160, 128], abs=2)
    assert math.degrees(math.atan2(*(box.quad[1] - box.quad[0])[::-1])) == pytest.approx(degrees, abs=2)
    assert box.score == pytest.approx(0.9, abs=0.1)


def test_boxes_are_in_pixels_of_the_picture() -> None:
    probabilities = map_with((160, 128, 120, 20, 0))
    (small,), (large,) = (boxes_from_map(probabilities, size, MAX) for size in ((320, 256), (3200, 768)))
    assert np.abs(small.quad * (10, 3) - large.quad).max() <= 10


def test_weak_and_small_regions_are_dropped() -> None:
    probabilities = map_with((160, 128, 120, 20, 0))
    for change in ({"threshold": 0.95}, {"box_threshold": 0.95}, {"min_size": 25.0}):
        assert boxes_from_map(probabilities, (320, 256), dataclasses.replace(MAX, **change)) == []
    specks = np.zeros((64, 64), np.float32)
    specks[::4, ::4] = 1
    specks[0:2, 30:60] = 1
    assert boxes_from_map(specks, (64, 64), MAX) == []


def test_at_most_so_many_candidates() -> None:
    probabilities = map_with(
        *((40 + 80 * column, 20 + 40 * row, 50, 12, 0) for row in range(6) for column in range(4))
    )
    assert len(boxes_from_map(probabilities, (320, 256), MAX)) == 24
    assert len(boxes_from_map(probabilities, (320, 256), dataclasses.replace(MAX, max_candidates=5))) == 5


def test_dilation_grows_to_the_right_and_down() -> None:
    probabilities = np.zeros((64, 96), np.float32)
    probabilities[20:40, 10:80] = 0.9
    grown = dataclasses.replace(MAX, dilate=True, unclip_ratio=0.0, min_size=0.0)
    (box,) = boxes_from_map(probabilities, (96, 64), dataclasses.replace(grown, dilate=False))
    (wider,) = boxes_from_map(probabilities, (96, 64), grown)
    assert quads([box]) == [[[10, 20], [79, 20], [79, 39], [10, 39]]]
    assert quads([wider]) == [[[10, 20], [80, 20], [80, 40], [10, 40]]]


def test_a_score_that_is_no_number_is_no_text() -> None:
    probabilities = map_with((160, 128, 120, 20, 0)).copy()
    probabilities[128, 160] = np.nan
    assert boxes_from_map(probabilities, (320, 256), MAX) == []


@pytest.mark.parametrize("seed", range(6))
def test_boxes_of_random_maps_lie_inside_the_picture(seed: int) -> None:
    from scipy.ndimage import gaussian_filter

    dice = np.random.default_rng(seed)
    for _ in range(12):
        shape = tuple(32 * int(side) for side in dice.integers(1, 9, 2))
        smooth = gaussian_filter(dice.random(shape), dice.uniform(1, 6, 2), mode="wrap")
        probabilities = ((smooth - smooth.min()) / np.ptp(smooth)).astype(np.float32)
        size = int(dice.integers(1, 3000)), int(dice.integers(1, 3000))
        parameters = DetectionParameters(
            threshold=float(dice.uniform(0.3, 0.7)), box_threshold=0.0, dilate=bool(dice.integers(2))
        )
        for box in boxes_from_map(probabilities, size, parameters):
            assert (box.quad >= 0).all()
            assert (box.quad <= np.array(size) - 1).all()
            assert np.array_equal(box.quad, np.round(box.quad))
            assert polygon_area(box.quad) > 0
            assert 0 <= box.score <= 1


@pytest.mark.embedded
def test_a_region_s_score_is_rapidocr_s() -> None:
    """Given the same corners: OpenCV's own may be a little below whole pixels, and lose a row."""
    from rapidocr_paddle.ch_ppocr_det.utils import DBPostProcess
    from scipy.ndimage import gaussian_filter

    dice = np.random.default_rng(7)
    differences = []
    for _ in range(200):
        smooth = gaussian_filter(dice.random((128, 160)), 3, mode="wrap")
        probabilities = ((smooth - smooth.min()) / np.ptp(smooth)).astype(np.float32)
        corners = min_area_rectangle(convex_hull(dice.integers(0, (160, 128), (5, 2)))).corners
        theirs = DBPostProcess.box_score_fast(probabilities, corners)
        differences.append(abs(_mean_inside(probabilities, corners) - theirs))
    # the two libraries fill a pixel here and there differently along slanted sides
    assert np.median(differences) < 0.001
    assert max(differences) < 0.02


PHOTOGRAPHS = (
    "icdar2015/det_evaluation/img_1[23]*.jpg",
    "paddleocr_doc/imgs/11.jpg",
    "paddleocr_doc/imgs/00018069.jpg",
)


@pytest.mark.shared
@pytest.mark.embedded
def test_boxes_of_real_maps_are_rapidocr_s(ocr: OCR, shared_dir: Path) -> None:
    from rapidocr_paddle.ch_ppocr_det.text_detect import TextDetector as RapidDetector
    from rapidocr_paddle.ch_ppocr_det.utils import DBPostProcess
    from scipy.optimize import linear_sum_assignment

    overlaps: list[float] = []
    for pattern in PHOTOGRAPHS:
        picture = load_image(min((shared_dir / "images").glob(pattern))).picture
        probabilities = probability_map(ocr.detector.predictor.run([detection_input(picture, MAX)])[0])
        for dilate in (False, True):
            parameters = dataclasses.replace(MAX, dilate=dilate)
            ours = boxes_from_map(probabilities, picture.size, parameters)
            post = DBPostProcess(0.3, 0.6, unclip_ratio=1.5, use_dilation=dilate)
            boxes, _ = post(probabilities[None, None], picture.size[::-1])
            # the filter needs no state, so no network has to be loaded for it
            theirs = RapidDetector.__new__(RapidDetector).filter_tag_det_res(boxes, picture.size[::-1])
            assert len(ours) == len(theirs) > 0
            table = np.array([[intersection_over_union(a.quad, b) for b in theirs] for a in ours])
            overlaps += table[linear_sum_assignment(-table)].tolist()
    assert len(overlaps) > 50
    assert np.mean(overlaps) > 0.98
    assert min(overlaps) > 0.8
