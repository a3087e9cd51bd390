"""Bundles that are there without being named: built once from models that an installed package carries."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy_tools.conversion.bundle_writer import bundle_folder, write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import zoo_source
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import PpocrEdgeError
from edge.folders import home_folder
from slim.zoo.pull import ensure

DEFAULT_MODELS: Final = {
    "det": "ch_PP-OCRv4_det",
    "cls": "ch_ppocr_mobile_v2.0_cls",
    "rec": "ch_PP-OCRv4_rec",
}


def default_bundle(task: str, *, target: str = "x86", parent: Path | None = None) -> Bundle:
    """The default bundle of a task; converted if it is not there, or not whole.

    Args:
        task: ``det``, ``cls`` or ``rec``.
        target: What to convert for.
        parent: Where bundles are; the toolkit's own folder where None.

    Raises:
        SourceError: The model cannot be had.
        ConversionError: It cannot be converted.
    """
    source = zoo_source(ensure(DEFAULT_MODELS[task]))
    options = conversion_options(target)
    parent = parent or home_folder() / "bundles"
    folder = bundle_folder(source, options, parent)
    if folder.exists():
        try:
            bundle = load_bundle(folder)
        except PpocrEdgeError:
            pass  # damaged, or of an older format: made again below
        else:
            if bundle.manifest.source == source.origin:
                return bundle
    return write_bundle(source, options, parent)
