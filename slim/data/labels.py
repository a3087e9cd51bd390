"""PaddleOCR's label files: which image holds which text where."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.errors import InputError
from edge.ocr.result import Quad
from edge.regular_file import regular_file_size

DONT_CARE = ("###", "*")
"""Transcriptions of text that nobody could read: finding it is neither right nor wrong."""


@dataclass(frozen=True, eq=False)
class LabelledBox:
    """One labelled text region.

    Attributes:
        quad: Float32 array (N, 2) of its corners in pixels, in order; N is 4 in most data sets.
        text: Transcription.
        care: False where the region is marked as illegible.
    """

    quad: Quad
    text: str
    care: bool


@dataclass(frozen=True)
class LabelledPage:
    """A photograph and its text regions."""

    image: Path
    boxes: tuple[LabelledBox, ...]


@dataclass(frozen=True)
class LabelledLine:
    """A line picture and its text."""

    image: Path
    text: str


def read_detection_labels(path: Path) -> tuple[LabelledPage, ...]:
    """Read ``image<TAB>JSON`` lines; image paths are relative to the label file.

    Raises:
        InputError: The file cannot be read, or a line is of another form.
    """
    return tuple(LabelledPage(image, _boxes(path, number, rest)) for number, image, rest in _rows(path))


def read_recognition_labels(path: Path) -> tuple[LabelledLine, ...]:
    """Read ``image<TAB>text`` lines; the text may hold tabs itself.

    Raises:
        InputError: The file cannot be read, or a line is of another form.
    """
    return tuple(LabelledLine(image, text) for _, image, text in _rows(path))


def _rows(path: Path) -> list[tuple[int, Path, str]]:
    try:
        regular_file_size(path, lambda found: InputError(path, found, "save the labels in a file first"))
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "check the path") from None
    except UnicodeDecodeError:
        raise InputError(path, "is not UTF-8 text", "give a UTF-8 label file") from None
    rows = []
    for number, line in enumerate(lines, start=1):
        line = line.rstrip("\r")
        if not line:
            continue
        image, separator, rest = line.partition("\t")
        if not separator:
            raise InputError(f"{path}:{number}", "has no tab", "write image<TAB>label")
        rows.append((number, path.parent / image, rest))
    return rows


def _boxes(path: Path, number: int, text: str) -> tuple[LabelledBox, ...]:
    try:
        return tuple(_box(box["points"], box["transcription"]) for box in json.loads(text))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(
            f"{path}:{number}",
            f"is not a list of boxes ({error})",
            'write [{"transcription": …, "points": …}, …]',
        ) from None


def _box(points: object, transcription: object) -> LabelledBox:
    quad = np.array(points, dtype=np.float32)
    if quad.ndim != 2 or quad.shape[1] != 2 or len(quad) < 3 or not np.isfinite(quad).all():
        raise ValueError(f"points {points!r:.60}")
    if not isinstance(transcription, str):
        raise TypeError(f"transcription {transcription!r:.60}")
    return LabelledBox(quad, transcription, transcription not in DONT_CARE)
