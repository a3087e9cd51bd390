"""Which cases of an evaluation are the worst, and where most was lost from one network to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from slim.evaluation.classification import AngleCase, ClassificationEvaluation
from slim.evaluation.detection import DetectionEvaluation, PageCase
from slim.evaluation.evaluation import Evaluation, check_same_images
from slim.evaluation.recognition import LineCase, RecognitionEvaluation

C = TypeVar("C")


@dataclass(frozen=True)
class AngleJudgement:
    """One of the two judgements of a line.

    Attributes:
        case: The line.
        before: The same line judged by the network before; None where there is none.
        turned: Whether it was judged turned by 180°.
    """

    case: AngleCase
    before: AngleCase | None
    turned: bool


def worst_pages(
    after: DetectionEvaluation, before: DetectionEvaluation | None
) -> list[tuple[PageCase, PageCase | None]]:
    """Photographs with most regions missed or wrong, or more than before; with what was found before.

    Raises:
        ValueError: The evaluations are not of the same images.
    """
    _check_same(after, before)
    return _worst(after.cases, before.cases if before is not None else None, _page_errors)


def worst_lines(
    after: RecognitionEvaluation, before: RecognitionEvaluation | None
) -> list[tuple[LineCase, LineCase | None]]:
    """Lines with most edits, or more than before; with what was read before.

    Of equally wrong lines those come first that were read with most confidence.

    Raises:
        ValueError: The evaluations are not of the same images.
    """
    _check_same(after, before)
    return _worst(after.cases, before.cases if before is not None else None, _line_errors)


def worst_angles(
    after: ClassificationEvaluation, before: ClassificationEvaluation | None
) -> list[AngleJudgement]:
    """Lines that the pipeline would leave or set upside down, surest first; those that it did not before.

    Raises:
        ValueError: The evaluations are not of the same images.
    """
    _check_same(after, before)
    olds = before.cases if before is not None else (None,) * len(after.cases)
    wrong = [
        AngleJudgement(case, old, turned)
        for case, old in zip(after.cases, olds, strict=True)
        for turned in (False, True)
        if _is_wrong(case, turned, after.threshold)
        and (old is None or not _is_wrong(old, turned, after.threshold))
    ]
    return sorted(wrong, key=lambda judgement: -_lost(judgement))


def _check_same(after: Evaluation, before: Evaluation | None) -> None:
    """See :func:`check_same_images`; nothing where there is no evaluation before."""
    if before is not None:
        check_same_images(before, after)


def _worst(
    cases: Sequence[C], olds: Sequence[C] | None, errors: Callable[[C], float]
) -> list[tuple[C, C | None]]:
    pairs: list[tuple[C, C | None]] = list(zip(cases, olds or (None,) * len(cases), strict=True))

    def lost(pair: tuple[C, C | None]) -> float:
        case, old = pair
        return errors(case) - (errors(old) if old is not None else 0)

    ranked = sorted(pairs, key=lambda pair: (-lost(pair), -errors(pair[0])))
    return [pair for pair in ranked if lost(pair) > 0]


def _line_errors(case: LineCase) -> float:
    return case.edits + 0.5 * case.score * (case.edits > 0)


def _lost(judgement: AngleJudgement) -> float:
    """Probability that the network gave to the wrong angle, less what it gave before."""
    before = _wrongness(judgement.before, judgement.turned) if judgement.before is not None else 0
    return _wrongness(judgement.case, judgement.turned) - before


def _page_errors(case: PageCase) -> float:
    score = case.match.score
    return score.detected + score.labelled - 2 * score.matched


def _is_wrong(case: AngleCase, turned: bool, threshold: float) -> bool:
    return (case.turned <= threshold) if turned else (case.upright > threshold)


def _wrongness(case: AngleCase, turned: bool) -> float:
    """Probability that the network gave to the wrong angle."""
    return 1 - case.turned if turned else case.upright
