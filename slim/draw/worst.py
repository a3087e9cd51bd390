"""The worst cases of an evaluation, or those where most was lost, as one picture."""

from __future__ import annotations

from PIL import Image

from slim.draw.worst_angles import draw_worst_angles
from slim.draw.worst_lines import draw_worst_lines
from slim.draw.worst_pages import draw_worst_pages
from slim.evaluation.classification import ClassificationEvaluation
from slim.evaluation.detection import DetectionEvaluation
from slim.evaluation.evaluation import Evaluation
from slim.evaluation.recognition import RecognitionEvaluation


def draw_worst(
    after: Evaluation,
    before: Evaluation | None = None,
    *,
    names: tuple[str, str] = ("after", "before"),
    count: int | None = None,
) -> Image.Image:
    """Draw the worst cases of an evaluation.

    Args:
        after: The evaluation.
        before: Another network's on the same images; then cases are drawn where most was lost from it.
        names: What to call the two networks.
        count: How many cases at most; None for as many as a picture of a screen's width shows well.

    Returns:
        RGB picture.

    Raises:
        ValueError: The evaluations are not of the same kind and images.
        ImageError: A picture is not there any more.
    """
    if isinstance(after, DetectionEvaluation) and isinstance(before, DetectionEvaluation | None):
        return draw_worst_pages(after, before, names, count)
    if isinstance(after, RecognitionEvaluation) and isinstance(before, RecognitionEvaluation | None):
        return draw_worst_lines(after, before, names, count)
    if isinstance(after, ClassificationEvaluation) and isinstance(before, ClassificationEvaluation | None):
        return draw_worst_angles(after, before, names, count)
    raise ValueError(f"{type(after).__name__} and {type(before).__name__} cannot be drawn")
