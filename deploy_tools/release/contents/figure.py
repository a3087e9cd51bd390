"""Figures of a model's accuracy, as a recipe's result has them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One figure with its 95 % confidence interval.

    Attributes:
        place: Where it was measured: ``Paddle`` on the host, or the name of a device.
        data: Name of the data set.
        kind: ``measure``; ``loss`` against the model it was made of; or ``agreement`` with that.
        name: Of the measure, such as ``hmean``; of an agreement empty.
        value: The figure.
        low: Lower end of its interval.
        high: Upper end of it.
        count: Pictures it rests on.
        unit: ``%`` or ``points``.
        run: What tells the evaluation from others: the first 12 hex digits of the SHA-256 of what it printed;
            empty for those of a recipe's result.
    """

    place: str
    data: str
    kind: str
    name: str
    value: float
    low: float
    high: float
    count: int
    unit: str
    run: str = ""

    def __str__(self) -> str:
        sign = "+" if self.unit == "points" else ""
        return f"{self.value:{sign}.2f} {self.unit} ({self.low:{sign}.2f} … {self.high:{sign}.2f})"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return dict(vars(self))


def figures_of(accuracy: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The figures of a result, by place and data set.

    Args:
        accuracy: By place, then by data set, as :mod:`slim.pipeline.manifest` writes it.

    Raises:
        KeyError, TypeError, ValueError: It is not such.
    """
    found: list[Figure] = []
    for place, sets in sorted(_items(accuracy)):
        for data, values in sorted(_items(sets)):
            found += _of_set(place, data, values)
    return tuple(found)


def measures_of(place: str, data: str, measures: Mapping[str, Any]) -> list[Figure]:
    """Measures by name, as ``evaluate --json`` has them too.

    Raises:
        KeyError, TypeError, ValueError: It is not such.
    """
    return [_figure(place, data, "measure", name, one) for name, one in _items(measures)]


def _of_set(place: str, data: str, values: Mapping[str, Any]) -> Iterable[Figure]:
    yield from measures_of(place, data, values["measures"])
    for name, one in _items(values["losses"]):
        yield _figure(place, data, "loss", name, one)
    if values["agreement"] is not None:
        yield _figure(place, data, "agreement", "", values["agreement"])


def _figure(place: str, data: str, kind: str, name: str, one: Mapping[str, Any]) -> Figure:
    value, low, high = (float(one[part]) for part in ("value", "low", "high"))
    texts = (place, data, name, one["unit"])
    if not all(map(math.isfinite, (value, low, high))) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"figure {name!r:.40} is none")
    if not all(text.isprintable() for text in texts):
        raise ValueError("a name cannot be printed")
    return Figure(place, data, kind, name, value, low, high, int(one["count"]), one["unit"])


def _items(values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    if not isinstance(values, Mapping):
        raise TypeError(f"{values!r:.40} is no object")
    return values.items()
