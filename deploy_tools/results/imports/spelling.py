"""How Paddle-Lite's programs write what they were asked for."""

from __future__ import annotations

import re
from typing import Final

from edge.runner.arguments import POWER_MODES

_BY_NUMBER: Final = dict(enumerate(POWER_MODES))  # the library numbers them in this order


def input_shapes(text: str) -> list[tuple[int, ...]]:
    """Shapes of inputs: ``1,3,48,192:1,5``, ``{1, 3, 48, 192}``."""
    return [
        tuple(map(int, sides)) for part in text.split(":") if (sides := re.findall(r"\b[0-9]{1,9}\b", part))
    ]


def power_mode_name(number: str) -> str:
    """The name of a power mode; empty where there is none."""
    return _BY_NUMBER.get(int(number), "") if number.isascii() and number.isdecimal() else ""
