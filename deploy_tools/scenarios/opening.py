"""Bundles of a unit: opened where it is measured, and still what the plan says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deploy_tools.default_bundles import default_bundle
from deploy_tools.devices.base import Device, DevicePredictor
from deploy_tools.reader import load_for
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.inputs import own_input, sized_input
from deploy_tools.scenarios.plan import Part
from edge.bundle.bundle import Bundle
from edge.errors import InputError
from edge.hashing import sha256_of
from edge.predictor.protocol import Array


def open_bundles(part: Part, device: Device) -> Mapping[str, Bundle]:
    """The bundles of a part, by task; default ones as the device needs them.

    Raises:
        BundleError: One cannot be used.
        InputError: One is another than the plan was made with.
        SourceError, ConversionError: A default model cannot be had or converted.
    """
    bundles = {
        task: load_for(task, Path(folder)) if folder else default_bundle(task, target=device.target or "x86")
        for task, folder in part.bundles.items()
    }
    for task, bundle in bundles.items():
        require_same(bundle.folder, model_hash(bundle), part.hashes.get(task, ""))
    return bundles


def open_network(part: Part, conditions: Conditions, device: Device) -> tuple[Bundle, Array, DevicePredictor]:
    """The network of a part with one, its input, and what runs it, which begins to load.

    Raises:
        PpocrEdgeError: See `open_bundles`, `open_input` and `deploy_tools.devices.base.Device.open`.
    """
    (bundle,) = open_bundles(part, device).values()
    tensor = open_input(part, bundle)
    predictor = device.open(
        bundle, force=conditions.force, run_seconds=conditions.run_seconds, settings=part.settings
    )
    return bundle, tensor, predictor


def open_input(part: Part, bundle: Bundle) -> Array:
    """The input of a part with one network.

    Raises:
        InputError: It cannot be read, does not suit the network, or is another than the plan was made with.
    """
    if part.file:
        require_file(part)
        return own_input(bundle, Path(part.file))
    golden = bundle.golden()[0]
    if part.case.shape in ((), golden.shape):
        return golden
    height, width = part.case.shape[2:]
    return np.asarray(sized_input(bundle, height, width))


def require_file(part: Part) -> str:
    """Make sure that a photograph or tensor is the one the plan was made with; its SHA-256.

    Raises:
        InputError: It is not, or cannot be read.
    """
    path = Path(part.file)
    found = hash_of(path)
    require_same(path, found, part.hashes.get(path.name, ""))
    return found


def hash_of(path: Path) -> str:
    """SHA-256 of a file of a run.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return sha256_of(path)
    except OSError as error:
        raise InputError(
            path, f"cannot be read ({error.strerror})", "put it back, or begin a new run"
        ) from None


def model_hash(bundle: Bundle) -> str:
    """SHA-256 of a bundle's model."""
    return bundle.manifest.files[bundle.manifest.model].sha256


def require_same(subject: Path, found: str, planned: str) -> None:
    """Make sure that something is what the plan was made with.

    Args:
        subject: The file or bundle, for messages.
        found: Its SHA-256 now.
        planned: Then; empty where nothing was noted.

    Raises:
        InputError: It is not.
    """
    if planned and found != planned:
        raise InputError(subject, "has changed since the run began", "begin a new run with it")
