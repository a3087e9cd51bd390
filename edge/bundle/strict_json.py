"""JSON for documents that are to be trusted afterwards: finite numbers, no key twice, bounded nesting."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


def strict_json(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: It is not JSON, nested too deeply, has a key twice, or a number that is not finite.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_not_finite, parse_float=_finite_number
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r:.60} stands twice in one object")
    return values


def _not_finite(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _finite_number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _not_finite(text[:20])
    return value
