"""What goes into the layers of a model, and what comes out of it, on pictures of the training data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from edge.errors import ModelError
from edge.ocr.detect import detection_input
from edge.ocr.image import load_image
from edge.ocr.lines import line_batch
from edge.ocr.normalize import Tensor
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.ocr.recognize import input_width
from edge.predictor.protocol import Array
from slim.pipeline.step import StepContext
from slim.reference.engine import gist
from slim.reference.predictor import MODEL_FILE
from slim.zoo.parameters import zoo_parameters


@dataclass(frozen=True)
class CalibrationPictures:
    """Pictures as the network gets them in use.

    Attributes:
        paths: The files.
        parameters: How input is prepared.
    """

    paths: tuple[Path, ...]
    parameters: DetectionParameters | ClassificationParameters | RecognitionParameters

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Tensor]:
        """Inputs (N, 3, H, W), one for each picture; for classification it stands in both ways.

        Raises:
            ImageError: A file cannot be read.
        """
        for path in self.paths:
            picture, parameters = load_image(path).picture, self.parameters
            if isinstance(parameters, DetectionParameters):
                yield detection_input(picture, parameters)
            elif isinstance(parameters, ClassificationParameters):
                both = [picture, picture.transpose(Image.Transpose.ROTATE_180)]
                yield line_batch(both, parameters.height, parameters.width)
            else:
                yield line_batch([picture], parameters.height, input_width(picture.size, parameters))

    def first(self, count: int) -> CalibrationPictures:
        """So many from the beginning."""
        return CalibrationPictures(self.paths[:count], self.parameters)


def calibration_pictures(context: StepContext, count: int) -> CalibrationPictures:
    """Choose pictures, of all data sets alike.

    Raises:
        InputError: There are none.
    """
    context.training_images()  # there are some
    rng = np.random.default_rng(context.seed)
    shuffled = []
    for data in context.train:
        order = rng.permutation(len(data.images))
        # by its place in its own set: small sets are not lost among large ones
        shuffled += [(place / len(order), data.images[index]) for place, index in enumerate(order)]
    spread = sorted(shuffled, key=lambda one: one[0])
    return CalibrationPictures(tuple(path for _, path in spread[:count]), zoo_parameters(context.entry))


Look = Callable[[Mapping[str, Array]], None]


def observe(folder: Path, names: Iterable[str], inputs: CalibrationPictures, look: Look) -> list[Array]:
    """Run a float model.

    Args:
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
        names: Variables to look at.
        inputs: What to run it on.
        look: Called with the values of the variables, by their names, after every picture.

    Returns:
        The model's output for each picture.

    Raises:
        ModelError: Paddle cannot run it.
        ImageError: A picture cannot be read.
    """
    import paddle

    wanted = tuple(dict.fromkeys(names))
    outputs = []
    static_before = not paddle.in_dynamic_mode()
    paddle.enable_static()
    try:
        with paddle.static.scope_guard(paddle.static.Scope()):
            executor = paddle.static.Executor(paddle.CPUPlace())
            stem = str(folder / MODEL_FILE.rpartition(".")[0])
            program, feeds, targets = _loaded(paddle, stem, executor, folder)
            inner = [name for name in wanted if name not in feeds]
            for tensor in inputs:
                found = _run(executor, program, {feeds[0]: tensor}, [*targets, *inner], folder)
                outputs.append(found[0])
                look(dict(zip(inner, found[len(targets) :], strict=True)) | {feeds[0]: tensor})
    finally:
        if not static_before:
            paddle.disable_static()
    return outputs


def _loaded(paddle: Any, stem: str, executor: Any, folder: Path) -> tuple[Any, list[str], list[Any]]:
    try:
        program, feeds, targets = paddle.static.load_inference_model(stem, executor)
    except Exception as error:  # Paddle raises whatever kind it finds fitting
        raise ModelError(
            folder, f"Paddle cannot load it: {gist(str(error))}", "make or pull the model again"
        ) from None
    return program, feeds, targets


def _run(executor: Any, program: Any, feed: dict[str, Tensor], fetch: list[Any], folder: Path) -> list[Array]:
    try:
        return list(executor.run(program, feed=feed, fetch_list=fetch))
    except Exception as error:  # likewise
        shape = next(iter(feed.values())).shape
        raise ModelError(
            folder, f"Paddle cannot run it on {shape}: {gist(str(error))}", "make or pull the model again"
        ) from None
