"""Published training checkpoints (``.pdparams``): read without trust, loaded without leaving anything out.

A checkpoint is a Python pickle, which can run any code when it is loaded. Only what builds numpy arrays is
let through here.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.errors import ModelError

Weights = Mapping[str, npt.NDArray[np.float32]]
_PADDLES_OWN: Final = "StructuredToParameterName@@"
_ALLOWED: Final = frozenset(
    {
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("collections", "OrderedDict"),
        ("_codecs", "encode"),
    }
)
_SHOWN: Final = 3


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it wants to load {module}.{name}")
        return super().find_class(module, name)


def checkpoint_file(folder: Path) -> Path:
    """The one ``.pdparams`` in a folder.

    Raises:
        ModelError: There is none, or several.
    """
    found = sorted(folder.glob("*.pdparams"))
    if len(found) != 1:
        what = ", ".join(path.name for path in found) if found else "no .pdparams file"
        raise ModelError(folder, f"holds {what}", "give a folder with one training checkpoint")
    return found[0]


def read_checkpoint(path: Path) -> Weights:
    """The weights of a checkpoint by name.

    Raises:
        ModelError: It is missing, damaged, no checkpoint, or wants to run code.
    """
    try:
        with path.open("rb") as stream:
            loaded = _ArrayUnpickler(stream, encoding="latin1").load()
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", "check the path") from None
    except pickle.UnpicklingError as error:
        raise ModelError(path, f"is no checkpoint ({error})", "pull the trained model again") from None
    # a damaged pickle can fail in any way there is
    except Exception as error:
        raise ModelError(
            path, f"is damaged ({type(error).__name__}: {error})", "pull the trained model again"
        ) from None
    if not isinstance(loaded, dict):
        raise ModelError(path, f"holds a {type(loaded).__name__}", "give a training checkpoint")
    weights = {key: value for key, value in loaded.items() if key != _PADDLES_OWN}
    for key, value in weights.items():
        if not isinstance(value, np.ndarray) or value.dtype != np.float32:
            raise ModelError(path, f"{key!r:.60} is no float32 array", "give a training checkpoint")
    return weights


def load_strictly(network: Any, weights: Weights, subject: Path | str) -> None:
    """Put weights into a network: every one of them, into every place there is.

    Args:
        network: A Paddle layer.
        weights: By the names of its state dict.
        subject: What to call them in messages.

    Raises:
        ModelError: A weight is missing, is not known to the network, or has another shape; names them.
    """
    state = network.state_dict()
    problems = []
    if missing := [key for key in state if key not in weights]:
        problems.append(f"lacks {_some(missing)}")
    if extra := [key for key in weights if key not in state]:
        problems.append(f"has {_some(extra)}, unknown to the network")
    shapes = [
        f"{key} {tuple(weights[key].shape)} instead of {tuple(state[key].shape)}"
        for key in state
        if key in weights and tuple(weights[key].shape) != tuple(state[key].shape)
    ]
    if shapes:
        problems.append(f"has {_some(shapes)}")
    if problems:
        raise ModelError(subject, "; ".join(problems), "give the checkpoint of this very model")
    network.set_state_dict({key: np.ascontiguousarray(weights[key]) for key in state})


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
