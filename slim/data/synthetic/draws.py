"""Small draws from a random generator: the ones of numpy take arrays and the time of arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Rng = np.random.Generator

T = TypeVar("T")


def item_rng(seed: int, index: int) -> Rng:
    """The generator of one item: the same in every process, whatever was drawn before."""
    return np.random.default_rng([seed, index])


def chance(rng: Rng, probability: float) -> bool:
    """True with a probability."""
    return bool(rng.random() < probability)


def pick(rng: Rng, choices: Sequence[T]) -> T:
    """One of several, all alike."""
    return choices[int(rng.integers(len(choices)))]


def pick_weighted(rng: Rng, choices: Sequence[tuple[float, T]]) -> T:
    """One of several by weight; the weights need not add up to anything."""
    left = rng.random() * sum(weight for weight, _ in choices)
    for weight, choice in choices:
        left -= weight
        if left < 0:
            return choice
    return choices[-1][1]


def between(rng: Rng, low: float, high: float) -> float:
    """A number of a range, all alike."""
    return low + (high - low) * float(rng.random())


def between_log(rng: Rng, low: float, high: float) -> float:
    """A number of a positive range, where halves and doubles are as likely as each other."""
    return math.exp(between(rng, math.log(low), math.log(high)))


def whole(rng: Rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))
