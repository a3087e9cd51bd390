"""What a training is asked to do, in a form that can be sent to other processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Batch = tuple[Any, ...]
"""Pictures as the network takes them, float32 (N, 3, H, W), and whatever else the loss needs."""


@dataclass(frozen=True)
class Job:
    """A task as one process works on it.

    Attributes:
        network: A Paddle layer. Its ``state_dict`` must hold every number that changes.
        loss: Runs a network, this one or another of its kind, on a batch; gives a scalar Paddle tensor.
        batch: Gives a part of the batch of a step; depends on (step, part) alone.
    """

    network: Any
    loss: Callable[[Any, Batch], Any]
    batch: Callable[[int, int], Batch]


class Task(Protocol):
    """Builds the same job in every process. Picklable: plain values and paths."""

    def build(self) -> Job:
        """Load networks and data.

        Raises:
            PpocrEdgeError: What the user gave cannot be used.
        """
        ...
