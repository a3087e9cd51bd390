"""Bundles of a release: converted once for what they are made of, and kept."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from deploy_tools.conversion.bundle_writer import bundle_folder, tool_versions, write_bundle
from deploy_tools.conversion.options import ConversionOptions, conversion_options, for_model
from deploy_tools.conversion.source import ModelSource, model_hashes
from deploy_tools.release.targets.target import find_targets
from deploy_tools.ship.recipe import ReadyModel, ShippedModel, ShipRecipe
from deploy_tools.ship.reporter import Ended
from deploy_tools.ship.request import ShipRequest
from edge.bundle.bundle import load_bundle
from edge.hashing import sha256_of
from edge.ocr.parameters import parameters_to_json
from edge.predictor.child import PACKAGES_FOLDER
from edge.sizes import size_text
from slim.pipeline.folders import Slot, fingerprint
from slim.pipeline.versions import tool_versions as slim_versions

_MAKERS: Final = ("deploy_tools/conversion", "edge/bundle", "slim/program")
"""Packages that decide what a bundle is."""


def processors(recipe: ShipRecipe) -> tuple[str, ...]:
    """What models are converted for: ``arm``, ``x86``, or both."""
    return tuple(dict.fromkeys(target.processor for target in find_targets(recipe.targets)))


def convert(
    model: ShippedModel, source: ModelSource, processor: str, request: ShipRequest
) -> tuple[Path, Ended]:
    """The bundle of a model for a kind of processor.

    Raises:
        PpocrEdgeError: It cannot be converted.
    """
    weights = model.weights if isinstance(model, ReadyModel) else None
    options = for_model(conversion_options(processor, weights=weights), source.weights)
    slot = Slot(request.work / "bundles" / f"{model.task}-{processor}")
    inputs = _inputs(source, options)
    kept = slot.record(inputs) is not None
    if not kept:
        with slot.making(inputs) as folder:
            write_bundle(source, options, folder)
    folder = bundle_folder(source, options, slot.content)
    nb = load_bundle(folder).nb
    return folder, Ended(f"{size_text(nb.size)}, {nb.precision}, opt {nb.opt_version}", kept)


def _inputs(source: ModelSource, options: ConversionOptions) -> dict[str, Any]:
    """Everything that a bundle depends on."""
    return {
        "name": source.name,
        "task": source.task,
        "model": model_hashes(source.folder),
        "dictionary": sha256_of(source.dictionary) if source.dictionary else None,
        "parameters": parameters_to_json(source.parameters),
        "origin": dict(source.origin),
        "options": asdict(options),
        "versions": {**slim_versions(), **tool_versions()},
        "made_by": _makers_hash(),
    }


def _makers_hash() -> str:
    """Of the code that makes bundles: in a checkout it changes without its version."""
    files = sorted(file for package in _MAKERS for file in (PACKAGES_FOLDER / package).glob("*.py"))
    return fingerprint({file.relative_to(PACKAGES_FOLDER).as_posix(): sha256_of(file) for file in files})
