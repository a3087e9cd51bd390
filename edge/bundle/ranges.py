"""Which values of pre- and post-processing parameters are possible.

A manifest is text that anyone may edit. Outside these ranges the pipeline would divide by zero, exhaust
memory, or quietly find nothing.
"""

from __future__ import annotations

from typing import Any, Final

from edge.bundle.manifest import Parameters
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters

_SIDE: Final = (8, 8192)
_SHARE: Final = (0, 1)
_RANGES: Final[dict[type[Parameters], dict[str, tuple[float, float]]]] = {
    DetectionParameters: {
        "limit_side": (32, 8192),
        "longest_side": (32, 8192),
        "mean": (-1000, 1000),
        "std": (1e-6, 1000),
        "threshold": _SHARE,
        "box_threshold": _SHARE,
        "unclip_ratio": (0, 100),
        "max_candidates": (1, 1_000_000),
        "min_size": (0, 8192),
    },
    ClassificationParameters: {"height": _SIDE, "width": _SIDE, "threshold": _SHARE},
    RecognitionParameters: {
        "height": _SIDE,
        "width_step": (1, 8192),
        "min_width": (1, 65536),
        "max_width": (1, 65536),
    },
}


def check_ranges(parameters: Parameters) -> None:
    """Make sure that parameters have possible values.

    Raises:
        ValueError: One has not; says which and what is possible.
    """
    for name, (least, most) in _RANGES[type(parameters)].items():
        value: Any = getattr(parameters, name)
        for number in value if isinstance(value, tuple) else (value,):
            if not least <= number <= most:
                raise ValueError(f"parameter {name!r} is {value}, possible are {least:g} to {most:g}")
    if isinstance(parameters, DetectionParameters) and parameters.limit_type not in ("max", "min"):
        raise ValueError(
            f"parameter 'limit_type' is {parameters.limit_type!r:.60}, possible are 'max' and 'min'"
        )
    if isinstance(parameters, RecognitionParameters) and parameters.min_width > parameters.max_width:
        raise ValueError(f"parameter 'min_width' is above 'max_width' ({parameters.max_width})")
