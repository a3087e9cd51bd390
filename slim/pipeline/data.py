"""Data sets as the steps and the gates see them: label files, folders of pictures, rendered text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataSet:
    """Pictures with or without labels.

    Attributes:
        name: As the recipe names it.
        labels: PaddleOCR's label file (see ``slim.data.labels``: pages for detection, lines for recognition
            and classification, which needs only the pictures of lines that stand upright); None where nobody
            labelled them.
        images: The pictures, in the label file's order, else by name.
        sha256: Of everything in it: names, labels and the pictures' content.
        synthetic: Whether it was rendered for this recipe.
    """

    name: str
    labels: Path | None
    images: tuple[Path, ...]
    sha256: str
    synthetic: bool

    def __len__(self) -> int:
        return len(self.images)
