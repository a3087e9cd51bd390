"""Measuring a model on the recipe's evaluation data, and keeping the raw results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.bundle.manifest import Parameters
from edge.bundle.strict_json import strict_json
from edge.ocr.charset import CharacterSet
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.ocr.result import TextBox
from edge.predictor.protocol import Predictor
from slim.evaluation import (
    ClassificationEvaluation,
    DetectionEvaluation,
    Evaluation,
    RecognitionEvaluation,
    evaluate_classification,
    evaluate_detection,
    evaluate_recognition,
)
from slim.evaluation.classification import AngleCase
from slim.evaluation.detection import PageCase
from slim.evaluation.recognition import LineCase
from slim.pipeline.data import DataSet
from slim.pipeline.folders import fingerprint, hashes_of
from slim.pipeline.step import Progress
from slim.zoo.json_file import write_json

_REVISION: Final = 1
"""Raised when the evaluation begins to see the same model otherwise: results of older versions are void."""


@dataclass(frozen=True)
class Subject:
    """What is measured, and how it is used.

    Attributes:
        parameters: Pre- and post-processing.
        characters: A recognizer's classes; None for the others.
    """

    parameters: Parameters
    characters: CharacterSet | None


def examine(subject: Subject, predictor: Predictor, data: DataSet, progress: Progress) -> Evaluation:
    """Run a model on all pictures of a data set.

    Raises:
        ImageError: A picture cannot be read.
        PredictorError: The model cannot be run.
        TensorError: It is of another task.
    """

    def report(done: int, total: int) -> None:
        progress(done, total, data.name)

    parameters = subject.parameters
    if isinstance(parameters, DetectionParameters):
        return evaluate_detection(predictor, parameters, data.pages, progress=report)
    if isinstance(parameters, ClassificationParameters):
        return evaluate_classification(predictor, parameters, data.lines, progress=report)
    assert subject.characters is not None  # noqa: S101  (recognizers have them)
    return evaluate_recognition(predictor, subject.characters, parameters, data.lines, progress=report)


class Examiner:
    """Measures models, each on each data set once: raw results are kept in a folder.

    Args:
        subject: How the models are used; the same for all of them.
        sets: What to measure on.
        folder: Where results are kept.
        basis: What else they depend on: versions, threads.
    """

    def __init__(
        self, subject: Subject, sets: Sequence[DataSet], folder: Path, basis: Mapping[str, Any]
    ) -> None:
        self.subject = subject
        self.sets = tuple(sets)
        self._folder = folder
        self._basis = dict(basis)

    def examine(
        self,
        model: Path,
        where: str,
        opened: AbstractContextManager[Predictor],
        progress: Progress,
        *,
        keep: bool = True,
    ) -> Mapping[str, Evaluation]:
        """Results by the data set's name.

        Args:
            model: Folder of the inference model.
            where: Name of the place that runs it, part of what the results depend on.
            opened: Opens the model there; entered only where something is to be measured.
            progress: Called after every picture, counted over all data sets.
            keep: Whether earlier results hold; not on a device, which may have changed.

        Raises:
            PpocrEdgeError: The model cannot be run, or a picture not be read.
        """
        results: dict[str, Evaluation] = {}
        missing = []
        hashes = hashes_of(model)
        total = sum(map(len, self.sets))
        done = 0
        for data in self.sets:
            known = self._read(self._file(hashes, where, data), data) if keep else None
            if known is None:
                missing.append(data)
            else:
                results[data.name] = known
                done += len(data)
        if missing:
            with opened as predictor:
                for data in missing:
                    before = done
                    found = examine(
                        self.subject,
                        predictor,
                        data,
                        lambda part, _, note, before=before: progress(before + part, total, note),  # type: ignore[misc]
                    )
                    done += len(data)
                    if keep:
                        self._write(self._file(hashes, where, data), found)
                    results[data.name] = found
        progress(total, total, "")
        return {data.name: results[data.name] for data in self.sets}

    def _file(self, hashes: Mapping[str, str], where: str, data: DataSet) -> Path:
        basis = [_REVISION, str(self.subject.parameters), self._basis]
        return self._folder / f"{fingerprint([hashes, where, data.sha256, basis])}.json"

    def _write(self, path: Path, found: Evaluation) -> None:
        write_json(path, {"cases": _raw(found)})

    def _read(self, path: Path, data: DataSet) -> Evaluation | None:
        try:
            values = strict_json(path.read_text(encoding="utf-8"))
            return _evaluation(self.subject.parameters, data, values["cases"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _raw(found: Evaluation) -> list[Any]:
    """Results without what the data set says itself; numbers unrounded."""
    if isinstance(found, DetectionEvaluation):
        return [[[box.quad.tolist(), box.score] for box in case.found] for case in found.cases]
    if isinstance(found, RecognitionEvaluation):
        return [[case.read, case.score] for case in found.cases]
    assert isinstance(found, ClassificationEvaluation)  # noqa: S101  (there are no others)
    return [[case.upright, case.turned] for case in found.cases]


def _evaluation(parameters: Parameters, data: DataSet, cases: Any) -> Evaluation:
    if isinstance(parameters, DetectionParameters):
        pages = zip(data.pages, cases, strict=True)
        return DetectionEvaluation(
            tuple(
                PageCase(
                    page.image,
                    page.boxes,
                    tuple(TextBox(np.array(quad, np.float32), float(score)) for quad, score in found),
                )
                for page, found in pages
            )
        )
    if isinstance(parameters, RecognitionParameters):
        lines = zip(data.lines, cases, strict=True)
        return RecognitionEvaluation(
            tuple(
                LineCase(line.image, line.text.strip(), str(read), float(score))
                for line, (read, score) in lines
            )
        )
    angles = zip(data.lines, cases, strict=True)
    return ClassificationEvaluation(
        tuple(AngleCase(line.image, float(upright), float(turned)) for line, (upright, turned) in angles),
        parameters.threshold,
    )
