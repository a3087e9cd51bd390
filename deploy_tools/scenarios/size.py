"""Heights and widths of inputs, as users write them."""

from __future__ import annotations

import re
from typing import Final

Size = tuple[int, int]
MAX_SIDE: Final = 2048
"""In pixels; a detection network takes 5 GB for that."""


def parse_size(text: str) -> Size:
    """Height and width of ``640x480``.

    Raises:
        ValueError: It is none; the message says why.
    """
    match = re.fullmatch(r"([0-9]{1,9})[xX]([0-9]{1,9})", text)
    if match is None:
        raise ValueError(f"{text!r:.60} is not HEIGHTxWIDTH, write for example 640x640")
    height, width = int(match[1]), int(match[2])
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise ValueError(f"{text!r:.60} is out of range, use sides of 1 to {MAX_SIDE} pixels")
    return height, width
