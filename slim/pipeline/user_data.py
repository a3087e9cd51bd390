"""The user's pictures: a label file of PaddleOCR's, or a folder of pictures that nobody labelled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from edge.errors import ImageError, InputError
from edge.hashing import sha256_of
from edge.ocr.image import check_image
from slim.data.labels import (
    LabelledLine,
    LabelledPage,
    read_detection_labels,
    read_recognition_labels,
)
from slim.pipeline.data import DataSet
from slim.pipeline.step import Progress
from slim.zoo.entry import Task

_SUFFIXES: Final = frozenset(
    {
        *(".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"),
        *(".pbm", ".pgm", ".pnm", ".ppm", ".jp2", ".avif"),
    }
)


def read_user_data(
    name: str, path: Path, task: Task, option: str, *, labelled: bool, progress: Progress
) -> DataSet:
    """Read what an option names, and make sure that every picture is there.

    Args:
        name: As the recipe names it.
        path: Label file or folder.
        task: What the model is for.
        option: For messages: ``--train`` or ``--evaluate``.
        labelled: Whether labels are needed.
        progress: Called after every picture.

    Raises:
        InputError: It cannot be read, or holds nothing, or no labels where they are needed.
        ImageError: A picture is missing or none.
    """
    subject = f"{option} {path}"
    path = path.absolute()  # steps run in another folder
    if path.is_dir():
        if labelled and task is not Task.CLASSIFICATION:
            raise InputError(
                subject, f"is a folder, the recipe wants {name!r} with labels", "give PaddleOCR's label file"
            )
        images = sorted(file for file in path.iterdir() if file.suffix.lower() in _SUFFIXES)
        pages = tuple(LabelledPage(image, ()) for image in images) if task is Task.DETECTION else ()
        lines = tuple(LabelledLine(image, "") for image in images) if task is not Task.DETECTION else ()
        has_labels = False
    else:
        pages, lines = _labels(path, task)
        has_labels = True
    if not pages and not lines:
        raise InputError(subject, "holds no pictures", "give a label file, or a folder with pictures")
    return data_set(name, pages, lines, progress, labelled=has_labels, synthetic=False)


def data_set(
    name: str,
    pages: Sequence[LabelledPage],
    lines: Sequence[LabelledLine],
    progress: Progress,
    *,
    labelled: bool,
    synthetic: bool,
) -> DataSet:
    """A data set with its hash; every picture is looked at.

    Raises:
        ImageError: A picture is missing or none.
    """
    digest = hashlib.sha256(b"labelled" if labelled else b"images")
    items: tuple[LabelledPage | LabelledLine, ...] = (*pages, *lines)
    for number, item in enumerate(items, 1):
        check_image(item.image)
        try:
            content = sha256_of(item.image)
        except OSError as error:
            raise ImageError(item.image, f"cannot be read ({error.strerror})", "check the path") from None
        digest.update(f"{content} {json.dumps(_plain(item), sort_keys=True)}\n".encode())
        progress(number, len(items), name)
    return DataSet(name, labelled, tuple(pages), tuple(lines), digest.hexdigest(), synthetic)


def _labels(path: Path, task: Task) -> tuple[tuple[LabelledPage, ...], tuple[LabelledLine, ...]]:
    if task is Task.DETECTION:
        return read_detection_labels(path), ()
    lines = read_recognition_labels(path)
    if lines and all(line.text.startswith('[{"') for line in lines):
        raise InputError(
            path, "labels boxes in photographs, for detection", "give one with image<TAB>text lines"
        )
    return (), lines


def _plain(item: LabelledPage | LabelledLine) -> Any:
    if isinstance(item, LabelledLine):
        return item.text
    return [[box.quad.tolist(), box.text, box.care] for box in item.boxes]
