"""Lines of PaddleOCR's label files, as :mod:`slim.data.labels` reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from slim.data.labels import DONT_CARE, LabelledBox

_DECIMALS: Final = 1


def detection_line(image: str, boxes: Iterable[LabelledBox]) -> str:
    """The line for a photograph: ``image<TAB>JSON``, with corners to a tenth of a pixel.

    Args:
        image: Its path, relative to the label file.
        boxes: Its text regions.
    """
    rows = [
        {
            "transcription": box.text if box.care else DONT_CARE[0],
            "points": [[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y in box.quad.tolist()],
        }
        for box in boxes
    ]
    return f"{image}\t{json.dumps(rows, ensure_ascii=False)}\n"


def recognition_line(image: str, text: str) -> str:
    """The line for a line picture: ``image<TAB>text``.

    Args:
        image: Its path, relative to the label file.
        text: What it says, without line ends.
    """
    return f"{image}\t{text}\n"
