"""Data sets as the steps and the gates see them: labelled or not, the user's or rendered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

from slim.data.labels import LabelledLine, LabelledPage


@dataclass(frozen=True, eq=False)
class DataSet:
    """Pictures of one task.

    Attributes:
        name: As the recipe names it.
        labelled: Whether somebody said what stands in them. Classification needs no labels: its lines stand
            upright.
        pages: Photographs, for detection; else empty. Without labels they have no boxes.
        lines: Line pictures, for classification and recognition; else empty. Without labels their texts are
            empty.
        sha256: Of everything in it: names, labels and the pictures' content.
        synthetic: Whether it was rendered for this recipe.
    """

    name: str
    labelled: bool
    pages: tuple[LabelledPage, ...]
    lines: tuple[LabelledLine, ...]
    sha256: str
    synthetic: bool

    def __len__(self) -> int:
        return len(self.pages) or len(self.lines)

    @property
    def images(self) -> tuple[Path, ...]:
        """The pictures."""
        return tuple(page.image for page in self.pages) or tuple(line.image for line in self.lines)

    def repeated(self, count: int) -> DataSet:
        """So many, the same ones over and over: to learn how long a larger set takes."""
        pages = tuple(islice(cycle(self.pages), count))
        return replace(self, pages=pages, lines=tuple(islice(cycle(self.lines), count)))

    def first(self, count: int) -> DataSet:
        """So many from the beginning, for an early look."""
        if count >= len(self):
            return self
        digest = hashlib.sha256(f"{count} of {self.sha256}".encode()).hexdigest()
        return replace(self, pages=self.pages[:count], lines=self.lines[:count], sha256=digest)
