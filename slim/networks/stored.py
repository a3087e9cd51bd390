"""A network on disk while it is being made smaller: ``network.json`` and ``weights.npz`` in a folder.

Unlike a ``.pdparams`` it can be read without trusting it, says what network its weights are for, and has
the same bytes whenever the weights are the same.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.errors import ModelError
from slim.networks.checkpoint import Weights, load_strictly
from slim.networks.network import TextNetwork, build_network
from slim.networks.plan import NetworkPlan, parse_plan

NETWORK: Final = "network.json"
WEIGHTS: Final = "weights.npz"


@dataclass(frozen=True)
class StoredNetwork:
    """A plan and the weights that belong to it, by the names of the state dict."""

    plan: NetworkPlan
    weights: Weights

    def build(self) -> TextNetwork:
        """The network with these weights.

        Raises:
            ModelError: The weights are not those of the plan.
        """
        network = build_network(self.plan)
        load_strictly(network, self.weights, "weights")
        return network


def weights_of(network: Any) -> dict[str, Any]:
    """Copies of a network's weights by the names of its state dict."""
    return {key: np.array(value.numpy()) for key, value in network.state_dict().items()}


def write_stored(stored: StoredNetwork, folder: Path) -> None:
    """Write both files into a folder that exists."""
    text = json.dumps(stored.plan.to_json(), indent=1, sort_keys=True)
    (folder / NETWORK).write_text(text + "\n", encoding="utf-8")
    write_arrays(stored.weights, folder / WEIGHTS)


def read_stored(folder: Path) -> StoredNetwork:
    """Read what :func:`write_stored` wrote.

    Raises:
        ModelError: A file is missing or damaged.
    """
    try:
        plan = parse_plan(json.loads((folder / NETWORK).read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelError(folder / NETWORK, f"cannot be read ({error.strerror})", "check the path") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            folder / NETWORK, f"describes no network ({error})", "make the model again"
        ) from None
    return StoredNetwork(plan, read_arrays(folder / WEIGHTS))


def write_arrays(arrays: Mapping[str, Any], path: Path) -> None:
    """Write named arrays as ``.npz``: uncompressed, in the order of their names, without times."""
    with path.open("wb") as stream:  # numpy would add its suffix to a name that has another
        np.savez(stream, **{key: arrays[key] for key in sorted(arrays)})


def read_arrays(path: Path) -> dict[str, Any]:
    """Read named arrays; nothing in the file is run.

    Raises:
        ModelError: It is missing or damaged.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", "check the path") from None
    except (ValueError, zipfile.BadZipFile, EOFError, KeyError) as error:
        raise ModelError(path, f"is damaged ({error})", "make the model again") from None
