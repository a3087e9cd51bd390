"""The network that a training changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slim.networks.stored import read_stored
from slim.training.statistics import freeze_statistics


@dataclass(frozen=True)
class Student:
    """Where it begins.

    Attributes:
        folder: Stored network.
        quantized: Whether it is trained to compute in integers.
    """

    folder: Path
    quantized: bool = False

    def build(self) -> Any:
        """The network, in training mode but for its running statistics.

        Raises:
            ModelError: It cannot be read.
        """
        network = read_stored(self.folder).build()
        if self.quantized:
            from slim.quantization.aware import quantize_for_training

            quantize_for_training(network)
        network.train()
        freeze_statistics(network)
        return network
