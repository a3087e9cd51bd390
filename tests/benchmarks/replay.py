"""A predictor that answers with a network's recorded outputs, so that only what is around it takes time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.predictor.protocol import Array


@dataclass(frozen=True, eq=False)
class Exchange:
    """One run of a network: the shape of what it was given, and its output."""

    shape: tuple[int, ...]
    output: Array


class Replay:
    """Records a network's outputs in the first pass and gives them back, turn by turn, in every later one.

    A pass over the same photograph asks for the same runs in the same order. That is checked by their number
    and by the shapes of the inputs.

    Args:
        run: Runs the network, in the first pass.

    Attributes:
        exchanges: What was recorded.
        seconds: Time spent in here so far.
    """

    def __init__(self, run: Callable[[Array], Array]) -> None:
        self._run = run
        self._turn = 0
        self._recording = True
        self.exchanges: list[Exchange] = []
        self.seconds = 0.0

    def rewind(self) -> None:
        """Begin a pass.

        Raises:
            RuntimeError: The pass before asked for fewer runs than the first one.
        """
        if self._turn != len(self.exchanges):
            raise RuntimeError(f"a pass asked for {self._turn} runs, the first for {len(self.exchanges)}")
        self._recording = not self.exchanges
        self._turn = 0

    def answer(self, tensor: Array) -> Array:
        """The output of this turn, as the caller's own.

        Raises:
            RuntimeError: The first pass did not ask for this run, or with an input of another shape.
        """
        start = time.perf_counter()
        if self._recording:
            self.exchanges.append(Exchange(tensor.shape, self._run(tensor)))
        if self._turn == len(self.exchanges):
            raise RuntimeError(f"a pass asks for more runs than the first, which asked for {self._turn}")
        exchange = self.exchanges[self._turn]
        if exchange.shape != tensor.shape:
            raise RuntimeError(
                f"run {self._turn} has shape {tensor.shape}, in the first pass {exchange.shape}"
            )
        self._turn += 1
        output = exchange.output.copy()
        self.seconds += time.perf_counter() - start
        return output

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """As a predictor of ours."""
        return [self.answer(inputs[0])]

    def __call__(self, tensor: Array) -> list[Array]:
        """As a session of RapidOCR's."""
        return [self.answer(tensor)]

    def close(self) -> None:
        """Nothing is held."""
