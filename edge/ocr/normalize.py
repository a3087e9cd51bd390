"""From 8-bit pictures to the float tensors the networks take."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge.ocr.parameters import Triple

Tensor = npt.NDArray[np.float32]


def write_planes(picture: Image.Image, mean: Triple, std: Triple, out: Tensor) -> None:
    """Write ``(pixel / 255 - mean) / std`` into a tensor, channels in the order B, G, R.

    PP-OCR networks were trained on pictures as OpenCV reads them, hence B, G, R.

    Args:
        picture: RGB picture of size W x H.
        mean: Mean per channel B, G, R.
        std: Standard deviation per channel B, G, R.
        out: Float32 array (3, H, W), written in place; may be a view.
    """
    for plane, band, m, s in zip(out, reversed(picture.split()), mean, std, strict=True):
        np.multiply(np.asarray(band), np.float32(1 / (255 * s)), out=plane)
        plane -= np.float32(m / s)
