"""Which step a recipe's key means. The modules are imported only for recipes that use them."""

from __future__ import annotations

import importlib
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final, cast

from slim.pipeline.step import Step
from slim.recipes.fields import Fields

Parser = Callable[[Fields], Step]

# key -> module:function of a Parser
KINDS: Final[dict[str, str]] = {
    "sensitivity": "slim.pruning.sensitivity_step:parse",
    "prune": "slim.pruning.step:parse",
    "subspace": "slim.pruning.subspace_step:parse",
    "distil": "slim.distillation.step:parse",
    "sharpen": "slim.distillation.sharpen_step:parse",
    "quantize": "slim.quantization.post_training_step:parse",
    "quantize-train": "slim.quantization.training_step:parse",
    "weights": "slim.quantization.weights_step:parse",
}


def parser_of(kind: str) -> Parser:
    """The parser of a kind of step.

    Raises:
        KeyError: There is no such kind.
    """
    module, _, function = KINDS[kind].partition(":")
    parser = cast(Parser, getattr(importlib.import_module(module), function))
    _keep_signals()
    return parser


def _keep_signals() -> None:
    """Answer SIGTERM ourselves again: Paddle, which a step's module may load, takes it and prints pages."""
    paddle = sys.modules.get("paddle")
    if paddle is None or threading.current_thread() is not threading.main_thread():
        return
    handler = signal.getsignal(signal.SIGTERM)
    paddle.disable_signal_handler()
    signal.signal(signal.SIGTERM, handler)
