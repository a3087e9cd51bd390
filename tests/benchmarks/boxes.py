"""Figure 1, boxes: our DB post-processing against RapidOCR's on the same probability maps."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
from rapidocr_paddle.ch_ppocr_det.text_detect import TextDetector as RapidDetector
from rapidocr_paddle.ch_ppocr_det.utils import DBPostProcess
from scipy.optimize import linear_sum_assignment

from edge.geometry import intersection_over_union
from edge.ocr.detect import boxes_from_map, detection_input, probability_map
from edge.ocr.image import load_image
from edge.ocr.parameters import DetectionParameters
from tests.benchmarks.material import Material, Row, show

FloatArray = npt.NDArray[np.float32]


def rapid_post_processing(parameters: DetectionParameters) -> DBPostProcess:
    """RapidOCR's post-processing with our parameters."""
    return DBPostProcess(
        thresh=parameters.threshold,
        box_thresh=parameters.box_threshold,
        max_candidates=parameters.max_candidates,
        unclip_ratio=parameters.unclip_ratio,
        use_dilation=parameters.dilate,
    )


def rapid_boxes(post: DBPostProcess, probabilities: FloatArray, size: tuple[int, int]) -> FloatArray:
    """RapidOCR's boxes, after its filter for sizes and order of corners."""
    boxes, _ = post(probabilities[None, None], (size[1], size[0]))
    # the filter needs no state, so no network has to be loaded for it
    rapid = RapidDetector.__new__(RapidDetector)
    filtered: FloatArray = rapid.filter_tag_det_res(boxes, (size[1], size[0]))
    return filtered


def measure(material: Material) -> bool:
    """Compare on every photograph, with and without RapidOCR's dilation."""
    with material.predictor("det", "paddle") as predictor:
        maps = []
        for path in material.photographs():
            picture = load_image(path).picture
            tensor = detection_input(picture, DetectionParameters())
            maps.append((probability_map(predictor.run([tensor])[0]), picture.size))
    met = True
    for dilate in (False, True):
        parameters = dataclasses.replace(DetectionParameters(), dilate=dilate)
        post = rapid_post_processing(parameters)
        overlaps: list[float] = []
        equal = boxes = 0
        for probabilities, size in maps:
            ours = [box.quad for box in boxes_from_map(probabilities, size, parameters)]
            theirs = rapid_boxes(post, probabilities, size)
            boxes += len(theirs)
            equal += len(ours) == len(theirs)
            if ours and len(theirs):
                table = np.array([[intersection_over_union(a, b) for b in theirs] for a in ours])
                overlaps += table[linear_sum_assignment(-table)].tolist()
        if not overlaps:
            raise SystemExit("boxes: no text was found on any photograph")
        mean, share = float(np.mean(overlaps)), equal / len(maps)
        met &= show(
            f"1a. boxes against RapidOCR's on the same maps, dilation {'on' if dilate else 'off'}",
            [
                Row("photographs, RapidOCR's boxes", f"{len(maps)}, {boxes}"),
                Row("mean IoU (>= 0.98)", f"{mean:.4f}", mean >= 0.98),
                Row("smallest IoU", f"{np.min(overlaps):.3f}"),
                Row("photographs with equal count (>= 98 %)", f"{share:.1%}", share >= 0.98),
            ],
        )
    return met
