"""Line pictures as network input: what angle classification and recognition share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from edge.errors import TensorError
from edge.ocr.normalize import Tensor, write_planes
from edge.predictor.protocol import Array

_HALF = (0.5, 0.5, 0.5)


def scaled_width(size: tuple[int, int], height: int) -> int:
    """Width in pixels of a line picture of this size (width, height) once it is ``height`` pixels high."""
    return max(1, math.ceil(height * size[0] / size[1]))


def line_batch(pictures: Sequence[Image.Image], height: int, width: int) -> Tensor:
    """Prepare lines as one input: scaled to the height, pixels to [-1, 1], padded on the right with 0.

    Args:
        pictures: RGB line pictures.
        height: Input height in pixels.
        width: Input width in pixels; wider lines are squeezed to it.

    Returns:
        Float32 array (N, 3, height, width).
    """
    batch = np.zeros((len(pictures), 3, height, width), dtype=np.float32)
    for tensor, picture in zip(batch, pictures, strict=True):
        used = min(width, scaled_width(picture.size, height))
        resized = picture.resize((used, height), Image.Resampling.BILINEAR)
        write_planes(resized, _HALF, _HALF, tensor[:, :, :used])
    return batch


def check_line_count(subject: str, output: Array, lines: int) -> None:
    """Make sure that an output (N, …) is of as many lines as the network was given.

    Args:
        subject: What to call the output in the message.
        output: What the network gave.
        lines: How many lines it was given.

    Raises:
        TensorError: It is not, as with a network exported for one fixed batch size.
    """
    if len(output) != lines:
        raise TensorError(
            subject,
            f"has shape {output.shape} for a batch of {lines}",
            "export the model for any batch size",
        )
