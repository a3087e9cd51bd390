"""How a network's input is prepared and its output read: travels with the model inside its bundle."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Triple = tuple[float, float, float]
P = TypeVar("P", bound="DetectionParameters | ClassificationParameters | RecognitionParameters")


@dataclass(frozen=True)
class DetectionParameters:
    """Text detection with DB.

    Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020. The
    defaults are those PaddleOCR publishes for its mobile models.

    Attributes:
        limit_side: Side length in pixels that the image is brought to before both sides are rounded to
            multiples of 32.
        limit_type: ``max``: shrink so that the longer side is at most ``limit_side``; ``min``: enlarge so
            that the shorter side is at least ``limit_side``.
        longest_side: No side is ever made longer than this, whatever ``limit_type`` says; bounds memory.
        mean: Per-channel mean of the input, for pixels scaled to 0..1, in the network's order B, G, R.
        std: Per-channel standard deviation, likewise.
        threshold: Probability above which a pixel belongs to text.
        box_threshold: Mean probability inside a region below which it is dropped.
        unclip_ratio: How far a shrunk region grows back: offset = area · ratio / perimeter.
        dilate: Grow the thresholded map by one pixel to the right and down, as RapidOCR does.
        max_candidates: At most so many regions are looked at.
        min_size: Regions whose shorter side is below this many map pixels are dropped.

    Raises:
        ValueError: A value is outside its range.
    """

    limit_side: int = 960
    limit_type: Literal["max", "min"] = "max"
    longest_side: int = 2016
    mean: Triple = (0.485, 0.456, 0.406)
    std: Triple = (0.229, 0.224, 0.225)
    threshold: float = 0.3
    box_threshold: float = 0.6
    unclip_ratio: float = 1.5
    dilate: bool = False
    max_candidates: int = 1000
    min_size: float = 3.0

    def __post_init__(self) -> None:
        _check(self, "limit_side", self.limit_side >= 1, "1 or more")
        _check(self, "limit_type", self.limit_type in ("max", "min"), "'max' or 'min'")
        _check(self, "longest_side", self.longest_side >= 32, "32 or more")
        _check(self, "mean", all(map(math.isfinite, self.mean)), "finite numbers")
        _check(self, "std", all(0 < value < math.inf for value in self.std), "positive numbers")
        _check(self, "threshold", 0 <= self.threshold <= 1, "a probability")
        _check(self, "box_threshold", 0 <= self.box_threshold <= 1, "a probability")
        _check(self, "unclip_ratio", 0 <= self.unclip_ratio < math.inf, "0 or more")
        _check(self, "max_candidates", self.max_candidates >= 1, "1 or more")
        _check(self, "min_size", 0 <= self.min_size < math.inf, "0 or more")


@dataclass(frozen=True)
class ClassificationParameters:
    """Angle classification: is a line upside down.

    Attributes:
        height: Input height in pixels.
        width: Input width in pixels; narrower lines are padded on the right, wider ones squeezed.
        threshold: Probability of 180° above which a line is turned.

    Raises:
        ValueError: A value is outside its range.
    """

    height: int = 48
    width: int = 192
    threshold: float = 0.9

    def __post_init__(self) -> None:
        _check(self, "height", self.height >= 1, "1 or more")
        _check(self, "width", self.width >= 1, "1 or more")
        _check(self, "threshold", 0 <= self.threshold <= 1, "a probability")


@dataclass(frozen=True)
class RecognitionParameters:
    """Line recognition with CTC.

    Attributes:
        height: Input height in pixels: 32 for v2.0 models, 48 for PP-OCRv3 and later.
        width_step: Input widths are rounded up to multiples of this; every width is a predictor of its own.
        min_width: Narrower lines are padded to this width.
        max_width: Longer lines are squeezed to this width; bounds memory.
        use_space: Whether the class after the dictionary's last is a space.
        margin: Share of a line's height by which its box grows on all sides before it is cut out. Tight crops
            lose the spaces of Latin text (docs/measurements.md, figure "margin").

    Raises:
        ValueError: A value is outside its range.
    """

    height: int = 32
    width_step: int = 160
    min_width: int = 160
    max_width: int = 2560
    use_space: bool = True
    margin: float = 0.08

    def __post_init__(self) -> None:
        _check(self, "height", self.height >= 1, "1 or more")
        _check(self, "margin", 0 <= self.margin <= 1, "a share of the height, 0 to 1")
        _check(self, "width_step", self.width_step >= 1, "1 or more")
        _check(self, "min_width", self.min_width >= 1, "1 or more")
        _check(self, "max_width", self.max_width >= self.min_width, "min_width or more")


def _check(parameters: object, name: str, holds: bool, expected: str) -> None:
    if not holds:
        raise ValueError(f"parameter {name!r} is {getattr(parameters, name)!r}, where {expected} is expected")


def parameters_to_json(parameters: P) -> dict[str, Any]:
    """Plain values of any of the parameter classes."""
    return dataclasses.asdict(parameters)


def parameters_from_json(kind: type[P], values: Mapping[str, Any]) -> P:
    """Build parameters from plain values.

    Args:
        kind: The parameter class.
        values: Field values; missing ones keep their default.

    Raises:
        ValueError: A field is unknown, or its value is of the wrong type or outside its range.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise ValueError(f"unknown parameter {unknown[0]!r} (known: {', '.join(fields)})")
    return kind(**{name: _like(name, fields[name].default, value) for name, value in values.items()})


def _like(name: str, default: Any, value: Any) -> Any:
    """The value if it has the type of the default, which every field here has."""
    if isinstance(default, tuple):
        if isinstance(value, (list, tuple)) and len(value) == len(default) and all(map(_is_number, value)):
            return tuple(float(item) for item in value)
    elif isinstance(default, bool) or isinstance(value, bool):
        if isinstance(default, bool) and isinstance(value, bool):
            return value
    elif isinstance(default, float):
        if _is_number(value):
            return float(value)
    elif type(value) is type(default):
        return value
    raise ValueError(f"parameter {name!r} is {value!r}, where something like {default!r} is expected")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
