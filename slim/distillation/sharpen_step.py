"""The step ``sharpen``: let a detector's boxes agree best with those of the model it is made of."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import paddle

from edge.errors import InputError
from edge.ocr.detect import boxes_from_map, detection_input
from edge.ocr.image import load_image
from edge.ocr.parameters import DetectionParameters
from slim.distillation.detector import detector_maps
from slim.distillation.sharpening import PageMaps, Sharpness, best_choice, score_choices
from slim.evaluation.detection import as_truth
from slim.networks.checkpoint import Weights
from slim.networks.stored import StoredNetwork, read_stored, write_stored
from slim.pipeline.step import Form, Precision, StepContext
from slim.recipes.fields import Fields
from slim.zoo.parameters import zoo_parameters

_QUICK_PICTURES: Final = 8
_LAST: Final = ("head.binarize.conv3.weight", "head.binarize.conv3.bias")


@dataclass(frozen=True)
class Sharpen:
    """Fitting the sharpness of a map; see :class:`slim.pipeline.step.Step`.

    Attributes:
        pictures: Whole pages to fit it on, taken evenly from the training data.
    """

    kind: ClassVar[str] = "sharpen"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"network"})
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    pictures: int

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        return f"scale the map so that boxes of {self.pictures} pages agree best with the original's"

    def estimate(self, before: Path, context: StepContext) -> float:
        """See :class:`slim.pipeline.step.Step`."""
        pages = self._pages(context)
        start = time.perf_counter()
        score_choices(next(_maps(before, pages[:1], context)), _parameters(context))
        return (time.perf_counter() - start) * len(pages)

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        parameters, pages = _parameters(context), self._pages(context)
        scores = []
        for number, maps in enumerate(_maps(before, pages, context), start=1):
            scores.append(score_choices(maps, parameters))
            context.progress(number, len(pages), "compare boxes")
        found, was, becomes = best_choice(scores)
        context.progress(
            len(pages),
            len(pages),
            f"scale {found.scale:g}, offset {found.offset:g}: agreement {was:.1%} -> {becomes:.1%}",
        )
        stored = read_stored(before)
        write_stored(StoredNetwork(stored.plan, sharpened(stored.weights, found)), after)

    def _pages(self, context: StepContext) -> Sequence[Path]:
        """Evenly from the training data, so that every source has its share."""
        images = context.training_images()
        count = min(len(images), _QUICK_PICTURES if context.quick else self.pictures)
        return [images[number * len(images) // count] for number in range(count)]


def sharpened(weights: Weights, found: Sharpness) -> dict[str, Any]:
    """Weights of a detector whose logits are scaled and moved."""
    weight, bias = _LAST
    changed = dict(weights)
    changed[weight] = (weights[weight] * np.float32(found.scale)).astype(np.float32)
    changed[bias] = (weights[bias] * np.float32(found.scale) + np.float32(found.offset)).astype(np.float32)
    return changed


def _parameters(context: StepContext) -> DetectionParameters:
    parameters = zoo_parameters(context.entry)
    if not isinstance(parameters, DetectionParameters):
        raise InputError("sharpen", f"is for detection, not for {context.entry.task.value}", "take it out")
    return parameters


def _maps(before: Path, images: Sequence[Path], context: StepContext) -> Iterator[PageMaps]:
    parameters = _parameters(context)
    student, teacher = read_stored(before).build(), read_stored(context.original).build()
    student.eval()
    teacher.eval()
    for image in images:
        picture = load_image(image).picture
        tensor = paddle.to_tensor(detection_input(picture, parameters))
        with paddle.no_grad():
            theirs = detector_maps(teacher, tensor)[1].numpy()[0, 0]
            logits = detector_maps(student, tensor)[1].numpy()[0, 0]
        boxes = boxes_from_map(Sharpness().probabilities(theirs), picture.size, parameters)
        yield PageMaps(picture.size, as_truth(boxes), logits)


def parse(fields: Fields) -> Sharpen:
    """Read the step's part of a recipe."""
    return Sharpen(fields.whole("pictures", 100, least=1, most=10_000))
