"""What reading an image yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Quad = npt.NDArray[np.float32]
"""Float32 array (4, 2): corners (x, y) in pixels, clockwise from the text's top left."""


@dataclass(frozen=True, eq=False)
class TextBox:
    """One detected text region.

    Attributes:
        quad: Float32 array (4, 2), pixels of the image given to the detector.
        score: Mean text probability inside the region, 0 to 1.
    """

    quad: Quad
    score: float


@dataclass(frozen=True)
class Recognition:
    """The text of one line image.

    Attributes:
        text: The decoded characters; empty where the network saw none.
        score: Mean probability of the characters, 0 to 1; 0 for an empty text.
    """

    text: str
    score: float


@dataclass(frozen=True)
class Angle:
    """Whether a line image is upside down.

    Attributes:
        rotated: True where the classifier is sure enough of 180°.
        score: Probability of the winning class, 0.5 to 1.
    """

    rotated: bool
    score: float


@dataclass(frozen=True, eq=False)
class TextLine:
    """One line of text found in an image.

    Attributes:
        quad: Float32 array (4, 2), pixels of the original image, clockwise from the text's top left.
        text: The characters read.
        score: Mean probability of the characters, 0 to 1.
        box_score: Mean text probability of the region, 0 to 1.
        rotated: True where the line stood upside down and was turned before reading.
    """

    quad: Quad
    text: str
    score: float
    box_score: float
    rotated: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values; coordinates rounded to a tenth of a pixel, scores to 4 digits."""
        return {
            "text": self.text,
            "score": round(self.score, 4),
            "box_score": round(self.box_score, 4),
            "rotated": self.rotated,
            "quad": [[round(float(x), 1), round(float(y), 1)] for x, y in self.quad],
        }


@dataclass(frozen=True)
class PageResult:
    """All lines of one image, in reading order.

    Attributes:
        width: Width of the original image in pixels, after EXIF orientation.
        height: Its height.
        lines: The lines in reading order.
        seconds: Wall time by stage (``load``, ``detect``, ``crop``, ``classify``, ``recognize``), inference
            included.
    """

    width: int
    height: int
    lines: tuple[TextLine, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The texts, a line each."""
        return "\n".join(line.text for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for ``json.dumps``."""
        return {
            "width": self.width,
            "height": self.height,
            "lines": [line.to_json() for line in self.lines],
            "seconds": {stage: round(seconds, 4) for stage, seconds in self.seconds.items()},
        }
