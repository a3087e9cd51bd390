"""Paddle inference itself. Imported in the child process alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.predictor.protocol import Array

# self_attention_fuse_pass ends recognition (PP-OCRv4) with SIGILL on processors without AVX-512
DELETED_PASSES: Final = ("self_attention_fuse_pass",)


class PaddleEngine:
    """One inference model on Paddle's CPU engine.

    Args:
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
        threads: Threads for its kernels.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        import paddle
        from paddle import inference

        start = time.perf_counter()
        config = inference.Config(str(folder / "inference.pdmodel"), str(folder / "inference.pdiparams"))
        config.disable_gpu()
        config.disable_glog_info()
        config.enable_memory_optim()
        config.set_cpu_math_library_num_threads(threads)
        for name in DELETED_PASSES:
            config.delete_pass(name)
        self._predictor = inference.create_predictor(config)
        self._inputs = [self._predictor.get_input_handle(name) for name in self._predictor.get_input_names()]
        self._outputs = [
            self._predictor.get_output_handle(name) for name in self._predictor.get_output_names()
        ]
        self._description = {
            "library": "paddle",
            "library_version": str(paddle.__version__),
            "inputs": list(self._predictor.get_input_names()),
            "outputs": list(self._predictor.get_output_names()),
            "load_ms": (time.perf_counter() - start) * 1000,
        }

    def describe(self) -> dict[str, Any]:
        """Library, its version, input and output names, load time in ms."""
        return dict(self._description)

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run the network once.

        Raises:
            ValueError: Paddle refuses the input.
        """
        for handle, array in zip(self._inputs, inputs, strict=True):
            handle.reshape(list(array.shape))
            handle.copy_from_cpu(np.ascontiguousarray(array))
        try:
            self._predictor.run()
        except RuntimeError as error:  # Paddle's errors are pages of C++ traceback; the last line says it
            lines = [line for line in str(error).splitlines() if line.strip()]
            raise ValueError(lines[-1].strip() if lines else "Paddle failed") from error
        outputs = [np.array(handle.copy_to_cpu()) for handle in self._outputs]
        # without this Paddle's pool grows with every new image size
        self._predictor.try_shrink_memory()
        return outputs
