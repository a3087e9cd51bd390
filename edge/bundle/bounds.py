"""How large parameters of a manifest may be: it is text that anyone may edit, and sizes cost memory."""

from __future__ import annotations

from typing import Final

from edge.bundle.manifest import Parameters

_MOST: Final = {
    "height": 1024,
    "limit_side": 8192,
    "longest_side": 8192,
    "max_candidates": 100_000,
    "max_width": 65536,
    "min_size": 8192,
    "unclip_ratio": 100,
    "width": 8192,
    "width_step": 8192,
}


def check_bounds(parameters: Parameters) -> None:
    """Make sure that no parameter is larger than any network needs.

    That they are possible at all, their own class sees to.

    Raises:
        ValueError: One is; says which.
    """
    for name, value in vars(parameters).items():
        if name in _MOST and value > _MOST[name]:
            raise ValueError(f"parameter {name!r} is {value!s:.20}, the most is {_MOST[name]}")
