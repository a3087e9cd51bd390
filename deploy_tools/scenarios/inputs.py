"""What networks are measured with: the bundle's golden input, to any size, or a tensor of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from edge.bundle.bundle import Bundle
from edge.errors import InputError, TensorError
from edge.predictor.npy import NpyError, read_npy
from edge.predictor.protocol import Array

TIMED: Final = (160, 320)
"""Least height and width of the page that a detector is timed on where no size is named."""


def timed_input(bundle: Bundle) -> Array:
    """What a network is timed on where no size is named: its golden input.

    Repeated to `TIMED` where a detector's is smaller, as it is of INT8 models: else they would be timed on
    another input than their float model.

    Raises:
        BundleError: The bundle has no golden input.
    """
    golden = bundle.golden()[0]
    if bundle.manifest.task != "det":
        return golden
    height, width = (max(pair) for pair in zip(golden.shape[2:], TIMED, strict=True))
    return sized_input(bundle, height, width)


def sized_input(bundle: Bundle, height: int, width: int) -> Array:
    """The golden input, repeated to another height and width.

    A real picture: latency may depend on values (denormals), so noise would be no fair stand-in.

    Raises:
        TensorError: The network does not take this size.
        BundleError: The bundle has no golden input.
    """
    golden = bundle.golden()[0]
    _, _, rows, columns = golden.shape
    tiles = np.tile(golden, (1, 1, -(-height // rows), -(-width // columns)))
    tensor = np.ascontiguousarray(tiles[:, :, :height, :width])
    bundle.manifest.input.check(tensor)
    return tensor


def own_input(bundle: Bundle, path: Path, option: str = "--input") -> Array:
    """A tensor in a file.

    Args:
        bundle: Has the network that takes it.
        path: A ``.npy`` file.
        option: That names it, for messages.

    Raises:
        InputError: It cannot be read, or does not suit the network.
    """
    subject, remedy = f"{option} {path}", "write it with numpy.save"
    try:
        array = read_npy(path)
        bundle.manifest.input.check(array)
    except NpyError as error:
        raise InputError(subject, f"is not a .npy tensor, {error}", remedy) from None
    except OSError as error:
        raise InputError(subject, f"cannot be read ({error.strerror})", remedy) from None
    except TensorError as error:
        raise InputError(
            subject, f"{error.found}, which does not suit {bundle.folder}", error.remedy
        ) from None
    return array
