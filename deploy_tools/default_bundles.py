"""Bundles that are there without being named: built once from models that an installed package carries."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy_tools.conversion.bundle_writer import bundle_folder, tool_versions, write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import ModelSource, zoo_source
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import BundleError
from edge.folders import home_folder
from slim.zoo.pull import ensure

DEFAULT_MODELS: Final = {
    "det": "ch_PP-OCRv4_det",
    "cls": "ch_ppocr_mobile_v2.0_cls",
    "rec": "ch_PP-OCRv4_rec",
}


def default_bundle(task: str, *, target: str = "x86", parent: Path | None = None) -> Bundle:
    """The default bundle of a task; converted if it is not there, not whole, or not what it would be today.

    Args:
        task: ``det``, ``cls`` or ``rec``.
        target: What to convert for.
        parent: Where bundles are; the toolkit's own folder where None, in which anything may be replaced.

    Raises:
        SourceError: The model cannot be had.
        ConversionError: It cannot be converted.
        BundleError: It cannot be written, or something else is in its place.
    """
    source = zoo_source(ensure(DEFAULT_MODELS[task]))
    options = conversion_options(target)
    own = home_folder() / "bundles"
    folder = bundle_folder(source, options, parent or own)
    return _current(folder, source) or write_bundle(
        source, options, parent or own, replace_anything=parent is None
    )


def _current(folder: Path, source: ModelSource) -> Bundle | None:
    """The bundle in a folder, if it is whole, of this model, and made by these versions."""
    try:
        bundle = load_bundle(folder)
    except BundleError:
        return None
    manifest = bundle.manifest
    made_of = (manifest.source, manifest.parameters, manifest.versions)
    return bundle if made_of == (source.origin, source.parameters, tool_versions()) else None
