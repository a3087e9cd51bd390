"""Time of models on this host, measured by turns, so that what else the machine does falls on all alike."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np

from edge.ocr.detect import detection_input
from edge.ocr.image import load_image
from edge.ocr.lines import line_batch
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.predictor.protocol import Array
from slim.pipeline.data import DataSet
from slim.pipeline.examine import Subject
from slim.pipeline.step import Progress
from slim.reference.predictor import PaddlePredictor
from slim.zoo.parameters import input_spec

MOST_ROUNDS: Final = 15
LEAST_ROUNDS: Final = 5
SECONDS: Final = 10.0
"""That measuring may take; where the models are slow there are fewer rounds."""
_WARMUP: Final = 2
_SIDE: Final = 640
_LINE_WIDTH: Final = 320


def usual_shape(subject: Subject) -> tuple[int, int, int, int]:
    """The input that costs and times are given for: (1, 3, H, W)."""
    parameters = subject.parameters
    if isinstance(parameters, DetectionParameters):
        return 1, 3, _SIDE, _SIDE
    if isinstance(parameters, ClassificationParameters):
        return 1, 3, parameters.height, parameters.width
    assert isinstance(parameters, RecognitionParameters)  # noqa: S101  (there are no others)
    return 1, 3, parameters.height, _LINE_WIDTH


def measure_latency(
    subject: Subject, models: Mapping[str, Path], data: DataSet, progress: Progress, *, quick: bool
) -> dict[str, tuple[float, ...]]:
    """Run times in ms on Paddle with one thread, by the models' keys.

    Args:
        subject: How the models are used.
        models: Folders of inference models.
        data: Its first picture is the input: times may depend on values.
        progress: Called after every round.
        quick: Measure as little as makes sense.
    """
    tensor = _input(subject, data)
    samples: dict[str, list[float]] = {key: [] for key in models}
    with ExitStack() as stack:
        opened = {
            key: stack.enter_context(PaddlePredictor(folder, [input_spec(subject.parameters)], threads=1))
            for key, folder in models.items()
        }
        for predictor in opened.values():
            predictor.start()
        for _ in range(_WARMUP):
            start = time.monotonic()
            for predictor in opened.values():
                predictor.run([tensor])
        rounds = rounds_for(time.monotonic() - start, quick=quick)
        for turn in range(rounds):
            for key, predictor in opened.items():
                predictor.run([tensor])
                samples[key].append(round(predictor.seconds * 1000, 3))
            progress(turn + 1, rounds, "")
    return {key: tuple(values) for key, values in samples.items()}


def rounds_for(seconds: float, *, quick: bool) -> int:
    """How often all models are measured, of which one round takes so long."""
    if quick:
        return LEAST_ROUNDS
    return min(max(int(SECONDS / max(seconds, 1e-6)), LEAST_ROUNDS), MOST_ROUNDS)


def _input(subject: Subject, data: DataSet) -> Array:
    _, _, height, width = usual_shape(subject)
    picture = load_image(data.images[0]).picture
    if isinstance(subject.parameters, DetectionParameters):
        return detection_input(picture.resize((width, height)), subject.parameters)
    return np.ascontiguousarray(line_batch([picture], height, width))
