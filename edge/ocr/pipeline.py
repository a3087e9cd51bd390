"""The OCR pipeline: detection, angle classification and recognition over one picture."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from PIL import Image

from edge.ocr.classify import AngleClassifier
from edge.ocr.crop import crop_line, is_vertical, with_margin
from edge.ocr.detect import TextDetector
from edge.ocr.image import ImageSource, load_image
from edge.ocr.order import reading_order
from edge.ocr.recognize import TextRecognizer
from edge.ocr.result import Angle, PageResult, Quad, TextLine

MIN_SCORE: Final = 0.5
"""Mean character probability of a line from which on it is kept (``drop_score`` in PaddleOCR's
``tools/infer/utility.py``)."""


class OCR:
    """Reads the text lines of pictures.

    Args:
        detector: Finds lines.
        classifier: Tells lines upside down; None leaves them as they are.
        recognizer: Reads lines.
        min_score: Lines whose mean character probability is below this are dropped, as are those of nothing
            but white space.
    """

    def __init__(
        self,
        detector: TextDetector,
        classifier: AngleClassifier | None,
        recognizer: TextRecognizer,
        *,
        min_score: float = MIN_SCORE,
    ) -> None:
        self.detector = detector
        self.classifier = classifier
        self.recognizer = recognizer
        self.min_score = min_score

    def read(self, source: ImageSource) -> PageResult:
        """Read one picture.

        Args:
            source: Path, PIL image or array; see :func:`edge.ocr.image.load_image`.

        Returns:
            Lines in reading order, in pixels of the original picture.

        Raises:
            ImageError: The picture cannot be read.
            PredictorError: An inference process died, refused or hung.
        """
        clock = _Clock()
        with clock.stage("load"):
            image = load_image(source)
        with clock.stage("detect"):
            boxes = self.detector.detect(image.picture)
            boxes = [boxes[i] for i in reading_order([box.quad for box in boxes])]
        with clock.stage("crop"):
            margin, size = self.recognizer.parameters.margin, image.picture.size
            grown = [with_margin(box.quad, margin, size) for box in boxes]
            crops = [crop_line(image.picture, quad) for quad in grown]
        with clock.stage("classify"):
            angles, crops = self._set_upright(crops)
        with clock.stage("recognize"):
            texts = self.recognizer.recognize(crops)
        scale = np.array(image.scale, dtype=np.float32)
        lines = tuple(
            TextLine(
                _as_read(box.quad, vertical=is_vertical(cut), rotated=angle.rotated) * scale,
                text.text.strip(),
                text.score,
                box.score,
                angle.rotated,
            )
            for box, cut, angle, text in zip(boxes, grown, angles, texts, strict=True)
            if text.text.strip() and text.score >= self.min_score
        )
        return PageResult(image.width, image.height, lines, clock.seconds)

    def _set_upright(self, crops: list[Image.Image]) -> tuple[list[Angle], list[Image.Image]]:
        if self.classifier is None:
            return [Angle(rotated=False, score=1.0)] * len(crops), crops
        angles = self.classifier.classify(crops)
        turned = [
            crop.transpose(Image.Transpose.ROTATE_180) if angle.rotated else crop
            for crop, angle in zip(crops, angles, strict=True)
        ]
        return angles, turned

    def close(self) -> None:
        """Close the predictors."""
        self.detector.predictor.close()
        if self.classifier is not None:
            self.classifier.predictor.close()
        self.recognizer.predictor.close()


def _as_read(quad: Quad, *, vertical: bool, rotated: bool) -> Quad:
    """A box's corners, clockwise from the top left of the text as it was read."""
    # a vertical line was read downwards from the second corner; one upside down, from the opposite corner
    return np.roll(quad, -(vertical + 2 * rotated), axis=0)


class _Clock:
    """Wall time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
