"""How well a network does its task on pictures, whoever runs it: measures with confidence intervals."""

from slim.evaluation.agreement import agreement, label_lines, label_pages
from slim.evaluation.classification import ClassificationEvaluation, evaluate_classification
from slim.evaluation.detection import DetectionEvaluation, evaluate_detection
from slim.evaluation.evaluation import Evaluation, Progress, paired_loss, paired_losses
from slim.evaluation.measure import Measure
from slim.evaluation.recognition import RecognitionEvaluation, evaluate_recognition

__all__ = [
    "ClassificationEvaluation",
    "DetectionEvaluation",
    "Evaluation",
    "Measure",
    "Progress",
    "RecognitionEvaluation",
    "agreement",
    "evaluate_classification",
    "evaluate_detection",
    "evaluate_recognition",
    "label_lines",
    "label_pages",
    "paired_loss",
    "paired_losses",
]
