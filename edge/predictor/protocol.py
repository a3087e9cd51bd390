"""What OCR asks of a network, whoever runs it: a child process, a device, Paddle on the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]


class Predictor(Protocol):
    """Runs one network."""

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run the network once.

        Args:
            inputs: One array per input of the network, in its order.

        Returns:
            One array per output, owned by the caller.

        Raises:
            TensorError: An input's shape or dtype does not suit the network.
            PredictorError: The process that runs it died, refused or hung.
        """
        ...

    def close(self) -> None:
        """Give back what the predictor holds; further calls of ``run`` are an error."""
        ...
