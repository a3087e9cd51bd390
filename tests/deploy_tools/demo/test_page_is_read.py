"""The sample page's words and places are what a real OCR model sees: PP-OCRv4 on Paddle."""

from __future__ import annotations

import math
from contextlib import ExitStack

import numpy as np
import pytest

from deploy_tools.default_bundles import DEFAULT_MODELS
from deploy_tools.demo.page import SamplePage, render_sample_page
from edge.geometry import intersection_over_union
from edge.ocr.charset import read_character_set
from edge.ocr.classify import AngleClassifier
from edge.ocr.detect import TextDetector
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.ocr.pipeline import OCR
from edge.ocr.recognize import TextRecognizer
from edge.ocr.result import TextLine
from slim.metrics import edit_distance
from slim.reference.predictor import PaddlePredictor
from slim.zoo.parameters import input_spec, zoo_parameters
from slim.zoo.pull import ensure


def read(page: SamplePage) -> tuple[TextLine, ...]:
    models = {task: ensure(name) for task, name in DEFAULT_MODELS.items()}
    parameters = {task: zoo_parameters(model.entry) for task, model in models.items()}
    det, cls, rec = parameters["det"], parameters["cls"], parameters["rec"]
    assert isinstance(det, DetectionParameters)
    assert isinstance(cls, ClassificationParameters)
    assert isinstance(rec, RecognitionParameters)
    dictionary = models["rec"].dictionary
    assert dictionary is not None
    with ExitStack() as stack:
        run = {
            task: stack.enter_context(
                PaddlePredictor(model.folder, [input_spec(parameters[task])], threads=2)
            )
            for task, model in models.items()
        }
        characters = read_character_set(dictionary, use_space=rec.use_space)
        detector, classifier = TextDetector(run["det"], det), AngleClassifier(run["cls"], cls)
        return OCR(detector, classifier, TextRecognizer(run["rec"], characters, rec)).read(page.image).lines


@pytest.mark.embedded
def test_page_is_read() -> None:
    page = render_sample_page()
    lines = read(page)
    edits = characters = 0
    for truth in page.lines:
        overlaps = [intersection_over_union(truth.quad, line.quad) for line in lines]
        found = lines[int(np.argmax(overlaps))]
        assert max(overlaps) > 0.5, truth.text
        # both begin at the text's top left, also where it stands on its head
        nearest = min(range(4), key=lambda corner: math.dist(truth.quad[corner], found.quad[0]))
        assert nearest == 0, truth.text
        # spaces between Latin words are this model's weak point, and say nothing about the page
        wanted, got = truth.text.replace(" ", ""), found.text.replace(" ", "")
        edits += edit_distance(wanted, got)
        characters += len(wanted)
    assert edits / characters < 0.02
    assert sum(line.rotated for line in lines) == 1
    assert len(lines) <= len(page.lines) + 1
    assert all(line.text == line.text.strip() for line in lines)
