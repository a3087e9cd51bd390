"""From bundles and a device to an OCR pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from deploy_tools.devices.base import Device
from deploy_tools.devices.settings import USUAL, RunSettings
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import BundleError
from edge.ocr.classify import AngleClassifier
from edge.ocr.detect import TextDetector
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.ocr.pipeline import MIN_SCORE, OCR
from edge.ocr.recognize import TextRecognizer


def load_for(task: str, folder: Path) -> Bundle:
    """Load a bundle and make sure it is for a task.

    Raises:
        BundleError: It cannot be used, or is for another task.
    """
    bundle = load_bundle(folder)
    if bundle.manifest.task != task:
        raise BundleError(
            folder,
            f"is a {bundle.manifest.task} bundle, given as {task}=",
            f"give it as {bundle.manifest.task}=",
        )
    return bundle


def open_ocr(
    bundles: Mapping[str, Bundle],
    device: Device,
    *,
    force: bool = False,
    run_seconds: float = 120.0,
    min_score: float = MIN_SCORE,
    settings: RunSettings = USUAL,
) -> OCR:
    """Open bundles on a device as one pipeline; close it with ``OCR.close()``.

    Args:
        bundles: By task: ``det``, ``rec``, and ``cls`` if lines shall be turned.
        device: Where to run them.
        force: See :meth:`Device.open`.
        run_seconds: Time limit of one run.
        min_score: See :class:`edge.ocr.pipeline.OCR`.
        settings: Of the library.

    Raises:
        PredictorError: A bundle cannot be opened; what was open is closed again.
    """
    detection, recognition = bundles["det"].manifest.parameters, bundles["rec"].manifest.parameters
    angle = bundles["cls"].manifest.parameters if "cls" in bundles else None
    # load_for looked at the tasks
    assert isinstance(detection, DetectionParameters)  # noqa: S101
    assert isinstance(recognition, RecognitionParameters)  # noqa: S101
    assert angle is None or isinstance(angle, ClassificationParameters)  # noqa: S101
    with ExitStack() as stack:
        opened = {}
        for task, bundle in bundles.items():
            opened[task] = device.open(bundle, force=force, run_seconds=run_seconds, settings=settings)
            stack.callback(opened[task].close)
        characters = bundles["rec"].character_set()
        for predictor in opened.values():
            _ = predictor.info  # all are loading by now; what does not load is told here
        ocr = OCR(
            TextDetector(opened["det"], detection),
            AngleClassifier(opened["cls"], angle) if angle else None,
            TextRecognizer(opened["rec"], characters, recognition),
            min_score=min_score,
        )
        stack.pop_all()
    return ocr
