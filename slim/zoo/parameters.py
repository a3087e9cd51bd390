"""Pre- and post-processing of the zoo's models, and what their networks take."""

from __future__ import annotations

from edge.bundle.manifest import Parameters
from edge.ocr.detect import SIDE_MULTIPLE
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.predictor.spec import InputSpec
from slim.zoo.entry import Entry, Task


def zoo_parameters(entry: Entry) -> Parameters:
    """Pre- and post-processing of a zoo model."""
    _, height, width = entry.input_shape
    if entry.task is Task.DETECTION:
        return DetectionParameters()
    if entry.task is Task.CLASSIFICATION:
        return ClassificationParameters(height=height, width=width)
    return RecognitionParameters(height=height, use_space=bool(entry.use_space_char))


def input_spec(parameters: Parameters) -> InputSpec:
    """What a network with these parameters takes."""
    if isinstance(parameters, DetectionParameters):
        return InputSpec((1, 3, -1, -1), multiples=(1, 1, SIDE_MULTIPLE, SIDE_MULTIPLE))
    if isinstance(parameters, ClassificationParameters):
        return InputSpec((-1, 3, parameters.height, parameters.width))
    return InputSpec((-1, 3, parameters.height, -1))
