"""How much worse a network gets when one span of it is made narrower (Li et al., 2017, section 3.2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from edge.errors import ModelError

SENSITIVITY: Final = "sensitivity.json"

Curves = Mapping[str, Mapping[int, float]]
"""Span to width to growth of the loss against the unpruned network; the full width, with 0, included."""


@dataclass(frozen=True)
class Sensitivity:
    """What was measured.

    Attributes:
        curves: Growth of the loss by span and width.
    """

    curves: Curves

    def growth(self, span: str, width: int) -> float:
        """Growth of the loss at a width, between the measured ones on a straight line.

        Below the narrowest measured width nothing is known: infinite.
        """
        curve = self.curves[span]
        below = max((one for one in curve if one <= width), default=None)
        above = min(one for one in curve if one >= width)
        if below is None:
            return float("inf")
        if below == above:
            return curve[below]
        share = (width - below) / (above - below)
        return curve[below] + share * (curve[above] - curve[below])


def write_sensitivity(sensitivity: Sensitivity, folder: Path) -> None:
    """Write ``sensitivity.json`` into a folder."""
    values = {
        span: {str(width): growth for width, growth in sorted(curve.items())}
        for span, curve in sorted(sensitivity.curves.items())
    }
    new = folder / f".{SENSITIVITY}.new"
    new.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    new.replace(folder / SENSITIVITY)


def read_sensitivity(folder: Path) -> Sensitivity | None:
    """What stands in a folder; None where nothing was measured.

    Raises:
        ModelError: The file is damaged.
    """
    path = folder / SENSITIVITY
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        curves = {
            str(span): MappingProxyType({int(width): float(growth) for width, growth in curve.items()})
            for span, curve in values.items()
        }
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(path, f"is damaged ({error})", "run the step again") from None
    return Sensitivity(MappingProxyType(curves))
