"""Which pictures show best what became of a model: those on which it answers otherwise than before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.ocr.result import Quad
from slim.evaluation import ClassificationEvaluation, DetectionEvaluation, RecognitionEvaluation
from slim.evaluation.detection import as_truth
from slim.metrics import edit_distance, match_detection


@dataclass(frozen=True, eq=False)
class PageChange:
    """A photograph with boxes of both models, in its pixels.

    Attributes:
        image: The file.
        kept: Boxes that both have, as the model after has them.
        gone: Boxes of the model before alone.
        new: Boxes of the model after alone.
    """

    image: Path
    kept: tuple[Quad, ...]
    gone: tuple[Quad, ...]
    new: tuple[Quad, ...]

    @property
    def size(self) -> int:
        """How many boxes differ."""
        return len(self.gone) + len(self.new)


@dataclass(frozen=True)
class LineChange:
    """A line that is read otherwise.

    Attributes:
        image: The file.
        text: What stands there; None where nobody said.
        before: What was read before.
        after: What is read now.
    """

    image: Path
    text: str | None
    before: str
    after: str

    @property
    def lost(self) -> int:
        """Edits away from the truth, more than before; without one, from what was read before."""
        if self.text is None:
            return edit_distance(self.before, self.after)
        return edit_distance(self.after, self.text) - edit_distance(self.before, self.text)


@dataclass(frozen=True)
class AngleChange:
    """A line, upright or turned, of which the pipeline decides otherwise.

    Attributes:
        image: The file; the line in it stands upright.
        turned: Whether it was shown turned by 180°.
        before: Probability of 180° before.
        after: Probability of 180° now.
        worse: Whether the decision was right before.
    """

    image: Path
    turned: bool
    before: float
    after: float
    worse: bool


def page_changes(before: DetectionEvaluation, after: DetectionEvaluation) -> list[PageChange]:
    """All photographs, those with most differences first."""
    changes = []
    for old, new in zip(before.cases, after.cases, strict=True):
        match = match_detection([box.quad for box in new.found], as_truth(old.found))
        taken = {index for index in match.found_as if index is not None}
        changes.append(
            PageChange(
                old.image,
                tuple(new.found[index].quad for index in sorted(taken)),
                tuple(
                    box.quad for box, index in zip(old.found, match.found_as, strict=True) if index is None
                ),
                tuple(box.quad for index, box in enumerate(new.found) if index not in taken),
            )
        )
    return sorted(changes, key=lambda change: -change.size)


def line_changes(
    before: RecognitionEvaluation, after: RecognitionEvaluation, *, labelled: bool
) -> list[LineChange]:
    """Lines that are read otherwise, those that lost most first."""
    changes = [
        LineChange(old.image, old.text if labelled else None, old.read, new.read)
        for old, new in zip(before.cases, after.cases, strict=True)
        if old.read != new.read
    ]
    return sorted(changes, key=lambda change: -change.lost)


def angle_changes(before: ClassificationEvaluation, after: ClassificationEvaluation) -> list[AngleChange]:
    """Lines of which the pipeline decides otherwise, what became worse first."""
    changes = []
    decisions = zip(before.decisions.tolist(), after.decisions.tolist(), strict=True)
    for old, new, (was, now) in zip(before.cases, after.cases, decisions, strict=True):
        for turned in (False, True):
            if was[turned] == now[turned]:
                continue
            probabilities = (old.turned, new.turned) if turned else (old.upright, new.upright)
            changes.append(AngleChange(old.image, turned, *probabilities, worse=was[turned] == turned))
    return sorted(changes, key=lambda change: (not change.worse, -abs(change.after - change.before)))


def spread(changes: Sequence[PageChange], count: int) -> list[PageChange]:
    """So many photographs; those without a box on either side show nothing and come last."""
    return sorted(changes, key=lambda change: (-change.size, not change.kept))[:count]
