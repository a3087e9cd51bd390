"""How a model of the zoo is used, whatever becomes of it."""

from __future__ import annotations

from edge.ocr.charset import read_character_set
from edge.ocr.parameters import RecognitionParameters
from slim.pipeline.examine import Subject
from slim.zoo.entry import Entry
from slim.zoo.parameters import zoo_parameters
from slim.zoo.pull import LocalModel


def subject_of(entry: Entry, model: LocalModel) -> Subject:
    """Its pre- and post-processing and its classes.

    Raises:
        InputError: Its dictionary does not fit.
    """
    parameters = zoo_parameters(entry)
    characters = None
    if isinstance(parameters, RecognitionParameters) and model.dictionary is not None:
        classes = entry.classes.count if entry.classes else None
        characters = read_character_set(model.dictionary, use_space=parameters.use_space, classes=classes)
    return Subject(parameters, characters)
