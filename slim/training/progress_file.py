"""Where a training stands, on disk: weights, the optimizer's moments and the step, in one file.

Written beside and renamed, so that there is always one whole file, the newest or the one before.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.errors import ModelError
from slim.networks.stored import read_arrays, write_arrays

PROGRESS: Final = "progress.npz"
_STEP: Final = "step"


@dataclass(frozen=True)
class Position:
    """Steps done, and the state after them.

    Attributes:
        step: Steps done.
        arrays: By name; the training knows what they are.
    """

    step: int
    arrays: Mapping[str, Any]


def save_position(position: Position, folder: Path) -> None:
    """Replace the saved position."""
    new = folder / f".{PROGRESS}.new"
    write_arrays({_STEP: np.int64(position.step), **position.arrays}, new)
    with new.open("rb") as stream:
        os.fsync(stream.fileno())
    new.replace(folder / PROGRESS)


def load_position(folder: Path) -> Position | None:
    """The saved position, or None where there is none that can be used."""
    try:
        arrays = read_arrays(folder / PROGRESS)
    except ModelError:
        return None
    step = arrays.pop(_STEP, None)
    return None if step is None else Position(int(step), arrays)
