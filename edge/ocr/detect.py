"""Text detection with DB: picture -> probability map -> quadrilaterals."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyclipper
from PIL import Image, ImageDraw

from edge.errors import TensorError
from edge.geometry import Rectangle, convex_hull_of_sorted, min_area_rectangle, order_corners, polygon_area
from edge.ocr.normalize import Tensor, write_planes
from edge.ocr.parameters import DetectionParameters
from edge.ocr.regions import region_outlines
from edge.ocr.result import Quad, TextBox
from edge.predictor.protocol import Predictor

SIDE_MULTIPLE = 32
"""The network halves its input five times: other sides end in `Wrong broadcast type`."""


class TextDetector:
    """Finds text in a picture.

    Args:
        predictor: Runs the network: float32 (1, 3, H, W) in, probabilities (1, C >= 1, H, W) out.
        parameters: How input is prepared and output read.
    """

    def __init__(self, predictor: Predictor, parameters: DetectionParameters | None = None) -> None:
        self.predictor = predictor
        self.parameters = parameters or DetectionParameters()

    def detect(self, picture: Image.Image) -> list[TextBox]:
        """Find text regions.

        Args:
            picture: RGB picture.

        Returns:
            Boxes in pixels of ``picture``, in no particular order.

        Raises:
            PredictorError: The inference process died, refused or hung.
        """
        (output,) = self.predictor.run([detection_input(picture, self.parameters)])[:1]
        return boxes_from_map(probability_map(output), picture.size, self.parameters)


def input_size(width: int, height: int, parameters: DetectionParameters) -> tuple[int, int]:
    """Width and height of the network's input for a picture of this size: multiples of 32, at least 32.

    Neither is more than ``parameters.longest_side``.
    """
    longer, shorter = max(width, height), min(width, height)
    ratio = 1.0
    if parameters.limit_type == "max" and longer > parameters.limit_side:
        ratio = parameters.limit_side / longer
    elif parameters.limit_type == "min" and shorter < parameters.limit_side:
        ratio = parameters.limit_side / shorter
    ratio = min(ratio, parameters.longest_side / longer)
    most = parameters.longest_side // SIDE_MULTIPLE
    multiples = [min(max(1, round(int(side * ratio) / SIDE_MULTIPLE)), most) for side in (width, height)]
    return multiples[0] * SIDE_MULTIPLE, multiples[1] * SIDE_MULTIPLE


def detection_input(picture: Image.Image, parameters: DetectionParameters) -> Tensor:
    """Prepare the network's input: float32 (1, 3, H, W), H and W multiples of 32."""
    width, height = input_size(*picture.size, parameters)
    resized = picture.resize((width, height), Image.Resampling.BILINEAR)
    tensor = np.empty((1, 3, height, width), dtype=np.float32)
    write_planes(resized, parameters.mean, parameters.std, tensor[0])
    return tensor


def probability_map(output: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """The text probabilities (H, W) of a detection output (1, C, H, W); channel 0 where there are several.

    Raises:
        TensorError: The output has another rank or batch size, or nothing in it.
    """
    if output.ndim != 4 or output.shape[0] != 1 or output.size == 0:
        raise TensorError(
            "detection output", f"has shape {output.shape}", "use a detection model: (1, C, H, W)"
        )
    return np.asarray(output[0, 0], dtype=np.float32)


def boxes_from_map(
    probabilities: npt.NDArray[np.float32], size: tuple[int, int], parameters: DetectionParameters
) -> list[TextBox]:
    """Turn a probability map into boxes, as PaddleOCR's ``DBPostProcess`` does (``score_mode="fast"``).

    Args:
        probabilities: Float32 array (H, W), 0 to 1.
        size: Width and height of the picture the map belongs to.
        parameters: Thresholds.

    Returns:
        Boxes whose corners are whole pixels of the picture.
    """
    height, width = probabilities.shape
    scale = np.array([size[0] / width, size[1] / height])
    boxes: list[TextBox] = []
    for outline in region_outlines(_binarize(probabilities, parameters))[: parameters.max_candidates]:
        # the shorter side of the least rectangle cannot exceed the root of the upright one's area
        span = outline[:, 0].max() - outline[:, 0].min()
        if span * (outline[-1, 1] - outline[0, 1]) < parameters.min_size**2:
            continue
        rectangle = min_area_rectangle(convex_hull_of_sorted(outline))
        if rectangle.shorter < parameters.min_size:
            continue
        score = _mean_inside(probabilities, rectangle.corners)
        if not score >= parameters.box_threshold:  # NaN is no score either
            continue
        grown = min_area_rectangle(_unclip(rectangle, parameters.unclip_ratio))
        if grown.shorter < parameters.min_size + 2:
            continue
        quad = _to_picture(grown.corners, scale, size)
        if quad is not None:
            boxes.append(TextBox(quad, score))
    return boxes


def _binarize(
    probabilities: npt.NDArray[np.float32], parameters: DetectionParameters
) -> npt.NDArray[np.bool_]:
    bitmap = probabilities > parameters.threshold
    if parameters.dilate:
        # a 2x2 maximum whose anchor is the lower right pixel, as cv2.dilate places it
        wide = bitmap.copy()
        wide[:, 1:] |= bitmap[:, :-1]
        bitmap = wide.copy()
        bitmap[1:] |= wide[:-1]
    return bitmap


def _mean_inside(probabilities: npt.NDArray[np.float32], rectangle: Quad) -> float:
    """Mean probability over the pixels of a rectangle, its border included."""
    height, width = probabilities.shape
    x0, y0 = np.clip(np.floor(rectangle.min(axis=0)).astype(int), 0, (width - 1, height - 1)).tolist()
    x1, y1 = np.clip(np.ceil(rectangle.max(axis=0)).astype(int), 0, (width - 1, height - 1)).tolist()
    window = probabilities[y0 : y1 + 1, x0 : x1 + 1]
    mask = Image.new("L", (x1 - x0 + 1, y1 - y0 + 1))
    corners = [(int(x - x0), int(y - y0)) for x, y in rectangle.tolist()]
    draw = ImageDraw.Draw(mask)
    draw.polygon(corners, fill=1)
    draw.line([*corners, corners[0]], fill=1)  # the fill alone leaves out border pixels half inside
    inside = np.asarray(mask)
    return float(np.vdot(window, inside.astype(np.float32))) / float(np.count_nonzero(inside))


def _unclip(rectangle: Rectangle, ratio: float) -> npt.NDArray[np.int64]:
    """Grow a shrunk text region back (the DB paper's equation for D', with Vatti's offsetting)."""
    distance = ratio * rectangle.longer * rectangle.shorter / (2 * (rectangle.longer + rectangle.shorter))
    corners = rectangle.corners.astype(np.int64)
    offset = pyclipper.PyclipperOffset()
    offset.AddPath(corners.tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    paths = offset.Execute(distance)
    return np.array(max(paths, key=len), dtype=np.int64) if paths else corners


def _to_picture(quad: Quad, scale: npt.NDArray[np.float64], size: tuple[int, int]) -> Quad | None:
    """Scale a box from the map to the picture; None where nothing of it is left inside."""
    corners = order_corners(np.clip(np.round(quad * scale), 0, size))
    corners = np.minimum(corners, np.array([size[0] - 1, size[1] - 1], dtype=np.float32))
    if math.dist(corners[0], corners[1]) < 4 or math.dist(corners[0], corners[3]) < 4:
        return None
    # a slanted box may be left as a line where the picture is much narrower than the map
    return corners if polygon_area(corners) > 0 else None
