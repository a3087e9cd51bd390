"""Golden inputs, one per task, and outputs.

Drawn here, small, and the same on every machine with the same Pillow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deploy_tools.conversion.source import ModelSource
from edge.bundle.manifest import Parameters
from edge.errors import ConversionError, PredictorCrashedError, PredictorError, PredictorTimeoutError
from edge.ocr.detect import detection_input
from edge.ocr.lines import line_batch
from edge.ocr.normalize import Tensor
from edge.ocr.parameters import ClassificationParameters, DetectionParameters
from edge.predictor.protocol import Array, Predictor

PAGE_SIZE = (320, 160)
LINE_WIDTH = 160
CHARACTER_SIZE: Final = 64
CHARACTERS: Final = "ABCDEGHKMNPRSTUVXYZ23456789&%@"
PAPERS: Final = (
    *((246, 244, 238), (255, 255, 255), (231, 233, 226), (219, 214, 201), (240, 226, 198)),
    *((205, 221, 232), (252, 236, 228)),
)
LINES: Final = ("Edge 2026", "48.50 EUR", "Paddle-Lite", "Hello", "No. 7", "Total", "golden input")
STEPS: Final = 1 << 20
"""Of 1, to which outputs are rounded: what is far below any tolerance is noise, a megabyte of it for a
recognizer that tells 6625 characters apart, and no archive gets it smaller."""

_RANK = {"det": 4, "cls": 2, "rec": 3}


def golden_input(parameters: Parameters) -> Tensor:
    """The golden input of a network with these parameters.

    Detection: a small page of three lines, (1, 3, 160, 320). Classification: one line, (1, 3, 48, 192).
    Recognition: one line, (1, 3, H, 160).
    """
    if isinstance(parameters, DetectionParameters):
        return detection_input(_page(), parameters)
    height = parameters.height
    width = parameters.width if isinstance(parameters, ClassificationParameters) else LINE_WIDTH
    return np.ascontiguousarray(line_batch([_line(width, height)], height, width))


def golden_inputs(parameters: Parameters) -> Iterator[Tensor]:
    """Inputs of which one is chosen where not every input will do: smaller, and of less text.

    Detection: one character, (1, 3, 64, 64). Others: one line, of the shape of `golden_input`.
    """
    if isinstance(parameters, DetectionParameters):
        for number, text in enumerate(CHARACTERS):
            # a paper that lies between two integers would spoil them all
            paper = PAPERS[number % len(PAPERS)]
            yield detection_input(_character(text, paper), parameters)
        return
    height = parameters.height
    width = parameters.width if isinstance(parameters, ClassificationParameters) else LINE_WIDTH
    for words in LINES:
        yield np.ascontiguousarray(line_batch([_line(width, height, words)], height, width))


def golden_output(source: ModelSource, reference: Predictor, tensor: Array) -> Array:
    """What the reference gives for a golden input, to a millionth (`STEPS`).

    Raises:
        ConversionError: The model cannot take the input, or its output is none of its task.
        PredictorError: The reference died or hung.
    """
    try:
        output = reference.run([tensor])[0]
    except (PredictorCrashedError, PredictorTimeoutError):
        raise
    except PredictorError as error:
        raise ConversionError(
            source.folder,
            f"Paddle cannot run it on the input of a {source.task} model ({error.found})",
            "give the right --task and --height, or pull or export the model again",
        ) from None
    if output.ndim != _RANK[source.task]:
        raise ConversionError(
            source.folder,
            f"its output has shape {output.shape}, a {source.task} model's has {_RANK[source.task]} axes",
            "give the right --task",
        )
    rounded: Array = (np.rint(output.astype(np.float64) * STEPS) / STEPS).astype(output.dtype)
    return rounded


def _page() -> Image.Image:
    page = Image.new("RGB", PAGE_SIZE, (246, 244, 238))
    draw = ImageDraw.Draw(page)
    for (x, y), size, text in (
        ((18, 14), 30, "Paddle-Lite 2.13"),
        ((40, 66), 22, "golden input No. 7"),
        ((24, 112), 26, "Total 48.50 EUR"),
    ):
        draw.text((x, y), text, fill=(24, 24, 40), font=ImageFont.load_default(size))
    return page


def _character(text: str, paper: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (CHARACTER_SIZE, CHARACTER_SIZE), paper)
    font = ImageFont.load_default(40)
    ImageDraw.Draw(picture).text((4, 9), text, fill=(24, 24, 40), font=font)
    return picture


def _line(width: int, height: int, text: str = "Edge 2026") -> Image.Image:
    line = Image.new("RGB", (width, height), (250, 250, 246))
    font = ImageFont.load_default(round(height * 0.62))
    ImageDraw.Draw(line).text((6, round(height * 0.12)), text, fill=(16, 16, 32), font=font)
    return line
