"""What a model is evaluated on: a label file, or a folder of pictures that nobody labelled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deploy_tools.pictures import expand_images
from edge.bundle.manifest import Task
from edge.errors import InputError
from edge.ocr.image import check_image
from slim.data.labels import (
    LabelledLine,
    LabelledPage,
    read_detection_labels,
    read_recognition_labels,
)


@dataclass(frozen=True)
class EvaluationData:
    """Pictures of one task.

    Attributes:
        path: As the user named it.
        labelled: Whether the pictures have labels; classification needs none.
        pages: Photographs, for detection; else empty.
        lines: Line pictures, for classification and recognition; else empty.
    """

    path: Path
    labelled: bool
    pages: tuple[LabelledPage, ...] = ()
    lines: tuple[LabelledLine, ...] = ()

    @property
    def images(self) -> list[Path]:
        """The files of the pictures."""
        return [page.image for page in self.pages] or [line.image for line in self.lines]

    def __len__(self) -> int:
        return len(self.images)


def read_evaluation_data(path: Path, task: Task, limit: int | None = None) -> EvaluationData:
    """Read a label file, or list the pictures of a folder, and make sure that every picture can be opened.

    Args:
        path: PaddleOCR's label file for the task (that of recognition serves classification too), or a
            folder. The lines of classification stand upright.
        task: What the model does.
        limit: Take only so many from the beginning.

    Raises:
        InputError: The file cannot be read, is of another form, or names no picture.
        ImageError: A picture is missing or none.
    """
    if path.is_dir():
        images = expand_images([str(path)])[:limit]
        _check(images)
        if task == "det":
            return EvaluationData(path, labelled=False, pages=tuple(LabelledPage(i, ()) for i in images))
        lines = tuple(LabelledLine(image, "") for image in images)
        return EvaluationData(path, labelled=task == "cls", lines=lines)
    if task == "det":
        pages = read_detection_labels(path)[:limit]
        _check([page.image for page in pages], path)
        if not any(box.care for page in pages for box in page.boxes):
            raise InputError(path, "labels no legible text", "give photographs with text")
        return EvaluationData(path, labelled=True, pages=pages)
    read = read_recognition_labels(path)[:limit]
    if read and all(line.text.startswith('[{"') for line in read):
        raise InputError(
            path,
            f"is a label file for detection, the model is for {_NAMES[task]}",
            "give one with image<TAB>text lines",
        )
    _check([line.image for line in read], path)
    return EvaluationData(path, labelled=True, lines=read)


_NAMES = {"cls": "classification", "rec": "recognition"}


def _check(images: list[Path], labels: Path | None = None) -> None:
    if not images:
        raise InputError(labels, "names no picture", "write a line image<TAB>label for each")
    for image in images:
        check_image(image)
