"""How far one network gives what another gives, on images that nobody labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from edge.ocr.charset import CharacterSet
from edge.ocr.parameters import DetectionParameters, RecognitionParameters
from edge.ocr.pipeline import MIN_SCORE
from edge.predictor.protocol import Predictor
from slim.data.labels import LabelledLine, LabelledPage
from slim.evaluation.bootstrap import FloatArray, measured, share
from slim.evaluation.classification import ClassificationEvaluation
from slim.evaluation.detection import DetectionEvaluation, PageCase, as_truth, evaluate_detection
from slim.evaluation.evaluation import Evaluation, Progress, check_same_images
from slim.evaluation.measure import Measure
from slim.evaluation.recognition import LineCase, RecognitionEvaluation, evaluate_recognition


def agreement(standard: Evaluation, other: Evaluation) -> Measure:
    """How far another network agrees with the standard; labels that the images may have do not matter.

    Detection: hmean of its boxes with the standard's boxes taken as truth. Recognition: share of lines that
    are read alike, or so doubtfully by both that the pipeline drops them. Classification: share of lines,
    upright and turned, of which the pipeline decides alike.

    Raises:
        ValueError: The evaluations are not of the same kind and images.
    """
    if isinstance(standard, ClassificationEvaluation) and isinstance(other, ClassificationEvaluation):
        check_same_images(standard, other)
        same = (standard.decisions == other.decisions).sum(axis=1)
        counts = np.stack([same, np.full_like(same, 2)], axis=1).astype(np.float64)
        return measured(counts, {"agreement": _first_of_second})["agreement"]
    judged = judged_by(standard, other)
    return judged.measures()[next(iter(judged.scores))]


def judged_by(standard: Evaluation, other: Evaluation) -> Evaluation:
    """Another network's evaluation with what the standard gave taken as truth.

    Raises:
        ValueError: The evaluations are not of the same images, or not both of detection or recognition.
    """
    check_same_images(standard, other)
    if isinstance(standard, DetectionEvaluation) and isinstance(other, DetectionEvaluation):
        pages = zip(standard.cases, other.cases, strict=True)
        return DetectionEvaluation(tuple(PageCase(a.image, as_truth(a.found), b.found) for a, b in pages))
    if isinstance(standard, RecognitionEvaluation) and isinstance(other, RecognitionEvaluation):
        lines = zip(standard.cases, other.cases, strict=True)
        return RecognitionEvaluation(tuple(replace(b, text=_as_text(a, b)) for a, b in lines))
    raise ValueError(f"{type(standard).__name__} gives nothing that could be taken as truth")


def label_pages(
    predictor: Predictor,
    parameters: DetectionParameters,
    images: Sequence[Path],
    *,
    progress: Progress | None = None,
) -> tuple[LabelledPage, ...]:
    """Photographs with the boxes of a network as their labels; all count, their texts are empty.

    Raises:
        PpocrEdgeError: As for :func:`evaluate_detection`.
    """
    pages = [LabelledPage(image, ()) for image in images]
    evaluation = evaluate_detection(predictor, parameters, pages, progress=progress)
    return tuple(LabelledPage(case.image, as_truth(case.found)) for case in evaluation.cases)


def label_lines(
    predictor: Predictor,
    characters: CharacterSet,
    parameters: RecognitionParameters,
    images: Sequence[Path],
    *,
    progress: Progress | None = None,
) -> tuple[LabelledLine, ...]:
    """Line pictures with the texts that a network read as their labels.

    Raises:
        PpocrEdgeError: As for :func:`evaluate_recognition`.
    """
    lines = [LabelledLine(image, "") for image in images]
    evaluation = evaluate_recognition(predictor, characters, parameters, lines, progress=progress)
    return tuple(LabelledLine(case.image, case.read) for case in evaluation.cases)


def _as_text(standard: LineCase, other: LineCase) -> str:
    """What another network should have read."""
    dropped = max(standard.score, other.score) < MIN_SCORE
    return other.read if dropped else standard.read


def _first_of_second(sums: FloatArray) -> FloatArray:
    return share(sums[..., 0], sums[..., 1])
