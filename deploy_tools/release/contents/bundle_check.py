"""What a bundle must be besides whole to become part of a release: it may be edited, or made elsewhere."""

from __future__ import annotations

from typing import Final

import numpy as np

from deploy_tools.release.trust.canonical import canonical_json
from deploy_tools.release.trust.names import fault_of_all
from edge.bundle.bundle import Bundle
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import BundleError
from edge.predictor.protocol import Array

_LONGEST_NAME: Final = 200
_LONGEST_FILE: Final = 80
"""Bytes of a file's name: with the folders of a release around it no archive finds it too long."""
_NOISE: Final = 1e-3
"""Of sums of probabilities that were rounded."""
_MAPS: Final = 3
_AGAIN: Final = "convert it again"


def check_bundle(bundle: Bundle) -> None:
    """Make sure that what a bundle says can be said by a release, and that it can test itself.

    Raises:
        BundleError: It has no golden tensors, or such as its network cannot give; a name that stands for
            nothing; names of files that not every system has; or text that cannot be written.
    """
    manifest = bundle.manifest
    if not manifest.name.strip() or len(manifest.name) > _LONGEST_NAME:
        count = len(manifest.name.strip())
        found = f"its model's name has {count} characters, where 1 to {_LONGEST_NAME} are expected"
        raise BundleError(bundle.folder, found, _AGAIN)
    fault = fault_of_all([*manifest.files, MANIFEST_NAME])
    long = next((name for name in manifest.files if len(name.encode()) > _LONGEST_FILE), None)
    if fault is None and long is not None:
        fault = f"{long!r:.40} has a name of more than {_LONGEST_FILE} bytes"
    if fault is not None:
        raise BundleError(bundle.folder, f"its file {fault}", _AGAIN)
    try:
        canonical_json(manifest.to_dict())
    except UnicodeEncodeError:
        found = "its manifest holds half a character, which cannot be written"
        raise BundleError(bundle.folder / MANIFEST_NAME, found, _AGAIN) from None
    if manifest.golden is None:
        raise BundleError(bundle.folder, "has no golden input and output to test itself with", _AGAIN)
    fault = _golden_fault(bundle, *bundle.golden())
    if fault is not None:
        raise BundleError(bundle.folder / manifest.golden.output, fault, _AGAIN)


def _golden_fault(bundle: Bundle, tensor: Array, output: Array) -> str | None:
    """Why an output cannot be that of a network; None where it can."""
    count, _, height, width = tensor.shape
    steps = output.shape[1] if output.ndim == 3 else 1
    # of detectors that were exported as they are trained: thresholds and their outcome follow the map
    maps = _MAPS if output.ndim == 4 and output.shape[1] == _MAPS else 1
    wanted = {
        "det": (count, maps, height, width),
        "cls": (count, 2),
        "rec": (count, steps, bundle.manifest.classes),
    }[bundle.manifest.task]
    if output.shape != wanted or output.dtype != np.float32:
        shown = " × ".join(map(str, wanted))
        return f"is {output.dtype} {output.shape}, where a {bundle.manifest.task} model gives float32 {shown}"
    if not (np.isfinite(output).all() and output.min() >= -_NOISE and output.max() <= 1 + _NOISE):
        return "holds values that are no probabilities"
    return None
