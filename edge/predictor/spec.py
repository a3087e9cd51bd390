"""What a network's input must look like, checked before the network sees it.

Paddle-Lite checks next to nothing: a wrong channel count gives plausible numbers, a wrong rank kills it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.errors import TensorError
from edge.predictor.protocol import Array


@dataclass(frozen=True)
class InputSpec:
    """One input of a network.

    Attributes:
        shape: Sizes; -1 where any positive size will do.
        dtype: numpy name of the element type.
        multiples: For every axis the number its size must be a multiple of.
        name: As the network calls it.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    multiples: tuple[int, ...] = ()
    name: str = "x"

    def check(self, array: Array) -> None:
        """Make sure an array suits.

        Raises:
            TensorError: It does not; says which axis and how.
        """
        subject = f"input {self.name!r}"
        if array.dtype != np.dtype(self.dtype):
            raise TensorError(subject, f"has dtype {array.dtype}", f"give {self.dtype}")
        if array.ndim != len(self.shape):
            raise TensorError(subject, f"has shape {array.shape}", f"give {self.describe()}")
        for axis, (size, wanted, multiple) in enumerate(
            zip(array.shape, self.shape, self.multiples or (1,) * len(self.shape), strict=True)
        ):
            if size < 1 or (wanted >= 0 and size != wanted) or size % multiple:
                raise TensorError(
                    subject, f"has shape {array.shape}", f"axis {axis} must suit {self.describe()}"
                )

    def describe(self) -> str:
        """The shape in words, for messages: ``(N, 3, 32·n, 32·n)``."""
        parts = []
        for axis, size in enumerate(self.shape):
            multiple = self.multiples[axis] if self.multiples else 1
            parts.append(str(size) if size >= 0 else (f"{multiple}·n" if multiple > 1 else "n"))
        return f"({', '.join(parts)})"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "multiples": list(self.multiples),
        }


def check_inputs(specs: Sequence[InputSpec], inputs: Sequence[Array]) -> None:
    """Check all inputs of one run.

    Raises:
        TensorError: The number of inputs, or one of them, does not suit.
    """
    if len(inputs) != len(specs):
        raise TensorError("inputs", f"{len(inputs)} given", f"the network takes {len(specs)}")
    for spec, array in zip(specs, inputs, strict=True):
        spec.check(array)
