"""From bundles and a device to an OCR pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from deploy_tools.devices.base import Device
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import BundleError
from edge.ocr.classify import AngleClassifier
from edge.ocr.detect import TextDetector
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.ocr.pipeline import OCR
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
    min_score: float = 0.5,
) -> OCR:
    """Open bundles on a device as one pipeline; close it with ``OCR.close()``.

    Args:
        bundles: By task: ``det``, ``rec``, and ``cls`` if lines shall be turned.
        device: Where to run them.
        force: See :meth:`Device.open`.
        run_seconds: Time limit of one run.
        min_score: See :class:`edge.ocr.pipeline.OCR`.

    Raises:
        PredictorError: A bundle cannot be opened; what was open is closed again.
    """
    with ExitStack() as stack:
        opened = {}
        for task, bundle in bundles.items():
            opened[task] = device.open(bundle, force=force, run_seconds=run_seconds)
            stack.callback(opened[task].close)
        parameters = {task: bundle.manifest.parameters for task, bundle in bundles.items()}
        classifier = None
        if "cls" in bundles:
            assert isinstance(parameters["cls"], ClassificationParameters)  # noqa: S101  (load_for checked the task)
            classifier = AngleClassifier(opened["cls"], parameters["cls"])
        assert isinstance(parameters["det"], DetectionParameters)  # noqa: S101
        assert isinstance(parameters["rec"], RecognitionParameters)  # noqa: S101
        ocr = OCR(
            TextDetector(opened["det"], parameters["det"]),
            classifier,
            TextRecognizer(opened["rec"], bundles["rec"].character_set(), parameters["rec"]),
            min_score=min_score,
        )
        stack.pop_all()
    return ocr
