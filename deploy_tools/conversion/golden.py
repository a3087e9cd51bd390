"""Golden inputs, one per task, and outputs.

Drawn here, small, and the same on every machine with the same Pillow.
"""

from __future__ import annotations

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


def _line(width: int, height: int) -> Image.Image:
    line = Image.new("RGB", (width, height), (250, 250, 246))
    font = ImageFont.load_default(round(height * 0.62))
    ImageDraw.Draw(line).text((6, round(height * 0.12)), "Edge 2026", fill=(16, 16, 32), font=font)
    return line
