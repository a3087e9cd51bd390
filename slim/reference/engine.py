"""Paddle inference itself. Imported in the child process alone."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.predictor.protocol import Array
from edge.runner.error import RunnerError

# self_attention_fuse_pass ends recognition (PP-OCRv4) with SIGILL on processors without AVX-512
DELETED_PASSES: Final = ("self_attention_fuse_pass",)
MAX_GIST: Final = 200


def gist(text: str) -> str:
    """What Paddle says is wrong: one sentence, without the C++ traceback, conditions and files around it.

    Args:
        text: Of an exception that Paddle raised: ``(Kind) sentence [Hint: …] (at …) [operator < … > error]``,
            with pages before it where tracebacks are switched on.
    """
    body = re.split(r"\[(?:Hint|operator)\b", text)[0]
    sentence = " ".join(re.split(r"^\s*(?:\(\w+\)|\w*Error:) ", body, flags=re.MULTILINE)[-1].split())
    return sentence if len(sentence) <= MAX_GIST else sentence[: MAX_GIST - 1] + "…"


class PaddleEngine:
    """One inference model on Paddle's CPU engine.

    Args:
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
        threads: Threads for its kernels.

    Raises:
        RunnerError: Paddle cannot load the model.
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
        try:
            self._predictor = inference.create_predictor(config)
        except Exception as error:  # Paddle raises whatever kind it finds fitting
            raise RunnerError(f"Paddle cannot load the model: {gist(str(error))}") from error
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
        try:
            for handle, array in zip(self._inputs, inputs, strict=True):
                handle.reshape(list(array.shape))
                handle.copy_from_cpu(np.ascontiguousarray(array))
            self._predictor.run()
        except Exception as error:  # of any kind, as above
            raise ValueError(gist(str(error))) from error
        outputs = [np.array(handle.copy_to_cpu()) for handle in self._outputs]
        # without this Paddle's pool grows with every new image size
        self._predictor.try_shrink_memory()
        return outputs
