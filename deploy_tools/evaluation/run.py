"""One candidate on one device over the data."""

from __future__ import annotations

from deploy_tools.evaluation.candidate import Candidate
from deploy_tools.evaluation.data import EvaluationData
from deploy_tools.evaluation.opening import OpenCandidate
from edge.ocr.parameters import ClassificationParameters, DetectionParameters
from slim.evaluation import (
    Evaluation,
    Progress,
    evaluate_classification,
    evaluate_detection,
    evaluate_recognition,
)


def evaluate_candidate(
    candidate: Candidate, model: OpenCandidate, data: EvaluationData, progress: Progress | None = None
) -> Evaluation:
    """Evaluate a candidate that is open on the data of its task.

    Raises:
        ImageError: A picture cannot be read.
        PredictorError: The inference process died, refused or hung.
        TensorError: The network is for another task.
    """
    parameters = candidate.parameters
    if isinstance(parameters, DetectionParameters):
        return evaluate_detection(model.predictor, parameters, data.pages, progress=progress)
    if isinstance(parameters, ClassificationParameters):
        return evaluate_classification(model.predictor, parameters, data.lines, progress=progress)
    assert model.characters is not None  # noqa: S101  (a recognizer is not opened without)
    return evaluate_recognition(model.predictor, model.characters, parameters, data.lines, progress=progress)
