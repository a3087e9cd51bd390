"""All numbers of a network, or its gradients, as one array: what the processes of a training exchange."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Flat = npt.NDArray[np.float32]


def flat_state(network: Any) -> Flat:
    """Weights and running statistics, in the order of the state dict."""
    return _joined([value.numpy() for value in network.state_dict().values()])


def set_flat_state(network: Any, flat: Flat) -> None:
    """The reverse of :func:`flat_state`."""
    start = 0
    for value in network.state_dict().values():
        size = int(np.prod(value.shape))
        value.set_value(flat[start : start + size].reshape(value.shape))
        start += size


def flat_gradients(parameters: Sequence[Any]) -> Flat:
    """Gradients of the parameters; zeros where a loss did not reach one."""
    return _joined(
        [np.zeros(one.shape, np.float32) if one.grad is None else one.grad.numpy() for one in parameters]
    )


def set_flat_gradients(parameters: Sequence[Any], flat: Flat) -> None:
    """Put gradients in place where a loss reached the parameters."""
    start = 0
    for one in parameters:
        size = int(np.prod(one.shape))
        if one.grad is not None:
            one.grad.set_value(flat[start : start + size].reshape(one.shape))
        start += size


def _joined(arrays: Sequence[Any]) -> Flat:
    return np.concatenate([np.asarray(one, np.float32).reshape(-1) for one in arrays])
