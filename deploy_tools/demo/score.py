"""How much of a page with known text was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deploy_tools.demo.canvas import PageLine
from edge.geometry import intersection_area, polygon_area
from edge.ocr.result import TextLine
from slim.metrics import edit_distance

LEAST_SHARE = 0.3


@dataclass(frozen=True)
class PageScore:
    """Counts over a page; white space does not count.

    Attributes:
        lines: Lines that stand on the page.
        exact: Lines read without a mistake.
        characters: Characters that stand on the page.
        edits: Characters to insert, delete or change to get from what was read to what stands there.
    """

    lines: int
    exact: int
    characters: int
    edits: int

    @property
    def accuracy(self) -> float:
        """Share of characters that need no edit, 0 to 1."""
        return max(0.0, 1 - self.edits / max(1, self.characters))


def score_page(read: Sequence[TextLine], truth: Sequence[PageLine]) -> PageScore:
    """Compare what was read with what stands on a page.

    Every read line belongs to the line of the page that covers the largest part of it. Where that is less
    than 30 %, it stands nowhere, and all its characters are edits. Several parts of one line are joined from
    its beginning to its end.
    """
    parts: list[list[TextLine]] = [[] for _ in truth]
    stray = 0
    for line in read:
        shares = [intersection_area(line.quad, known.quad) for known in truth]
        best = int(np.argmax(shares)) if shares else -1
        if best >= 0 and shares[best] > LEAST_SHARE * polygon_area(line.quad):
            parts[best].append(line)
        else:
            stray += len(_solid(line.text))
    exact = edits = characters = 0
    for known, found in zip(truth, parts, strict=True):
        wanted, got = _solid(known.text), _solid("".join(line.text for line in _along(known, found)))
        distance = edit_distance(got, wanted)
        exact += distance == 0
        edits += distance
        characters += len(wanted)
    return PageScore(len(truth), exact, characters, edits + stray)


def _along(known: PageLine, found: Sequence[TextLine]) -> list[TextLine]:
    """Parts of a line in reading direction, which for an upside-down line is from right to left."""
    direction = known.quad[1] - known.quad[0]
    return sorted(found, key=lambda line: float(line.quad.mean(axis=0) @ direction))


def _solid(text: str) -> str:
    return "".join(text.split())
