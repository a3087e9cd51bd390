"""Building a bundle: converted model, dictionary, golden tensors and manifest in one folder, or nothing."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

import edge
from deploy_tools.conversion.checks import compare_on_host, refuse_known_garbage, warnings_for
from deploy_tools.conversion.golden_model import golden_model, golden_of
from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import ConversionOptions
from deploy_tools.conversion.source import ModelSource
from deploy_tools.conversion.steady import golden_tensors
from deploy_tools.conversion.workshop import put_in_place, workshop
from edge.bundle.bundle import Bundle, load_bundle
from edge.bundle.manifest import MANIFEST_NAME, FileEntry, Golden, Manifest
from edge.errors import BundleError, ConversionError
from edge.hashing import sha256_of
from edge.nb.model import NbModel
from edge.ocr.charset import read_character_set
from edge.ocr.parameters import RecognitionParameters
from slim.reference.predictor import PaddlePredictor
from slim.zoo.parameters import input_spec

MODEL = "model.nb"
DICTIONARY = "dictionary.txt"
GOLDEN_INPUT = "golden/input.npy"
GOLDEN_OUTPUT = "golden/output.npy"


def bundle_folder(source: ModelSource, options: ConversionOptions, parent: Path) -> Path:
    """Where :func:`write_bundle` puts a bundle: ``PARENT/NAME-TARGET``."""
    return parent / f"{source.name}-{options.suffix}"


def write_bundle(
    source: ModelSource, options: ConversionOptions, parent: Path, *, replace_anything: bool = False
) -> Bundle:
    """Convert a model and write its bundle; an older bundle of the same name is replaced whole.

    Args:
        source: The model.
        options: Target and precision.
        parent: The folder that gets the bundle's folder; made if missing.
        replace_anything: Also replace what is there and is not a bundle; for folders of the toolkit's own.

    Raises:
        ModelError: The model's folder does not hold an inference model.
        ConversionError: ``opt`` failed, or the result is known or measured to compute garbage.
        BundleError: Something that is not a bundle is in the way, or the bundle cannot be written.
        InputError: The dictionary does not fit the network.
    """
    refuse_known_garbage(source, options)
    folder = bundle_folder(source, options, parent)
    try:
        if not replace_anything:
            _check_place(folder)
        with workshop(folder) as shop:
            work = shop / "bundle"
            (work / "golden").mkdir(parents=True)
            _fill(source, options, work)
            bundle = load_bundle(work)
            put_in_place(work, folder)
    except OSError as error:
        raise BundleError(
            folder,
            f"cannot be written ({error.strerror or error})",
            "choose another -o folder, or free space there",
        ) from None
    return Bundle(folder, bundle.manifest, replace(bundle.nb, path=folder / MODEL))


def tool_versions() -> dict[str, str]:
    """Versions of what makes bundles, as it stands in their manifests."""
    return {"ppocr-edge": edge.__version__, "paddlelite": importlib.metadata.version("paddlelite")}


def file_entries(folder: Path) -> dict[str, FileEntry]:
    """Every file below a folder, by its path there.

    Raises:
        OSError: One cannot be read.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): FileEntry(sha256_of(path), path.stat().st_size) for path in files
    }


def _fill(source: ModelSource, options: ConversionOptions, work: Path) -> None:
    spec = input_spec(source.parameters)
    with (
        golden_model(source.folder, options.weights) as folder,
        PaddlePredictor(folder, [spec], name=str(source.folder)) as reference,
    ):
        reference.start()  # it needs a second to be ready, opt needs as long
        nb = _convert(source, options, work / MODEL)
        golden = golden_tensors(source, spec, reference, nb.precision)
        made_by = f"paddle {reference.info['library_version']}"
    np.save(work / GOLDEN_INPUT, golden.input)
    np.save(work / GOLDEN_OUTPUT, golden.output)
    classes = None
    if source.dictionary is not None and isinstance(source.parameters, RecognitionParameters):
        classes = int(golden.output.shape[2])
        read_character_set(source.dictionary, use_space=source.parameters.use_space, classes=classes)
        shutil.copyfile(source.dictionary, work / DICTIONARY)
    measured = compare_on_host(work / MODEL, nb, spec, golden.input, golden.output, source, golden.tolerance)
    manifest = Manifest(
        name=source.name,
        task=source.task,
        model=MODEL,
        target=nb.main_target,
        precision=nb.precision,
        opt_version=nb.opt_version,
        input=spec,
        parameters=source.parameters,
        files=file_entries(work),
        dictionary=DICTIONARY if classes else None,
        classes=classes,
        golden=Golden(GOLDEN_INPUT, GOLDEN_OUTPUT, made_by, golden.tolerance, golden_of(nb.precision)),
        source=source.origin,
        versions=tool_versions(),
        warnings=warnings_for(nb, measured),
    )
    (work / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")


def _convert(source: ModelSource, options: ConversionOptions, out: Path) -> NbModel:
    try:
        return run_opt(source.folder, options, out)
    except ConversionError as error:
        # the model as the user named it, and which of several targets it was
        raise ConversionError(f"{source.name} for {options.target}", error.found, error.remedy) from error


def _check_place(folder: Path) -> None:
    if not os.path.lexists(folder) or (folder / MANIFEST_NAME).is_file():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise BundleError(folder, "is in the way and is not a bundle", "move it, or choose another -o folder")
