"""Paddle-Lite itself. Imported in the runner's process alone: the library aborts on almost any bad input."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge.predictor.protocol import Array
from edge.runner.memory import give_back_memory, rss_mb


class LiteEngine:
    """One ``.nb`` on Paddle-Lite, with a predictor for every input height and width.

    An x86 predictor serves one height and width: after a change of either it returns wrong numbers or dies of
    a double free. Changing the batch size alone is safe. So predictors are kept by (H, W), and the least
    recently used goes first. After a run that left the process larger than its limit more go, until it is
    smaller or none is left: creating one again costs milliseconds.

    Args:
        model: The ``.nb`` file.
        max_predictors: How many to hold at once.
        memory_limit_mb: Resident memory past which predictors are given up after a run.
        threads: Of the library; x86 builds have one, whatever is asked.
        power_mode: Which cores the library binds itself to; x86 builds do not.
    """

    def __init__(
        self,
        model: Path,
        *,
        max_predictors: int = 4,
        memory_limit_mb: float = 1500.0,
        threads: int = 1,
        power_mode: str = "none",
    ) -> None:
        from paddlelite import lite

        self._lite = lite
        self._model = model
        self._max_predictors = max_predictors
        self._memory_limit_mb = memory_limit_mb
        has_threads = hasattr(lite.MobileConfig, "set_threads")
        has_modes = hasattr(lite.MobileConfig, "set_power_mode")
        self._threads = threads if has_threads else 1
        self._power_mode = power_mode if has_modes else "none"
        self._last_shapes: list[tuple[int, ...]] = []
        self._predictors: OrderedDict[tuple[int, ...], Any] = OrderedDict()
        start = time.perf_counter()
        first = self._create()
        self.load_ms = (time.perf_counter() - start) * 1000
        self._inputs = list(first.get_input_names())
        self._outputs = list(first.get_output_names())
        self._description = {
            "runner": "python",
            "library": "paddlelite",
            "library_version": str(first.get_version()),
            "inputs": self._inputs,
            "outputs": self._outputs,
            "load_ms": self.load_ms,
            "threads": self._threads,
            "power_mode": self._power_mode,
        }
        # not used for any shape yet, so the first shape may have it
        self._unused: Any = first

    def describe(self) -> dict[str, Any]:
        """Library, its version, input and output names, load time in ms; threads and power mode it has."""
        return dict(self._description)

    def check(self, inputs: Sequence[Array]) -> None:
        """Make sure that the library survives a look at the inputs.

        Raises:
            ValueError: The number of inputs, a dtype, or a shape of less than two axes or of no elements.
        """
        if len(inputs) != len(self._inputs):
            raise ValueError(f"{len(inputs)} inputs given, the model takes {len(self._inputs)}")
        for array in inputs:
            if array.dtype != np.float32 or array.ndim < 2 or array.size == 0:
                raise ValueError(
                    f"input of dtype {array.dtype} and shape {array.shape}, float32 (N, …) is expected"
                )

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run the network once.

        Raises:
            ValueError: The inputs are such as `check` refuses: the library would end the process.
        """
        self.check(inputs)
        shapes = [array.shape for array in inputs]
        predictor = self._predictor_for(tuple(size for shape in shapes for size in shape[1:]))
        for index, array in enumerate(inputs):
            predictor.get_input(index).from_numpy(np.ascontiguousarray(array))
        predictor.run()
        # .numpy() is a view of the predictor's memory
        outputs = [np.array(predictor.get_output(i).numpy()) for i in range(len(self._outputs))]
        del predictor
        if shapes != self._last_shapes:  # memory grows with a new shape alone; to look at it takes its time
            self._last_shapes = shapes
            while self._predictors and rss_mb() > self._memory_limit_mb:
                self._evict()
                self._last_shapes = []
        return outputs

    def _evict(self) -> None:
        self._predictors.popitem(last=False)
        give_back_memory()

    def _predictor_for(self, key: tuple[int, ...]) -> Any:
        if key in self._predictors:
            self._predictors.move_to_end(key)
            return self._predictors[key]
        while len(self._predictors) >= self._max_predictors:
            self._evict()
        predictor, self._unused = self._unused or self._create(), None
        self._predictors[key] = predictor
        return predictor

    def _create(self) -> Any:
        config = self._lite.MobileConfig()
        # from a file, not a buffer: only then does the library say when the versions do not match
        config.set_model_from_file(str(self._model))
        if self._threads != 1:
            config.set_threads(self._threads)
        if self._power_mode != "none":
            name = "LITE_POWER_" + self._power_mode.upper().replace("-", "_")
            config.set_power_mode(getattr(self._lite.PowerMode, name))
        return self._lite.create_paddle_predictor(config)
