"""What is converted: a model of the zoo, or a folder with an inference model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy_tools.conversion.options import Weights
from edge.bundle.manifest import Parameters, Task
from edge.errors import InputError, ModelError
from edge.hashing import sha256_of
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE, check_inference_model
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Entry, Kind
from slim.zoo.parameters import zoo_parameters
from slim.zoo.pull import LocalModel


@dataclass(frozen=True)
class ModelSource:
    """An inference model and what is needed to use it.

    Attributes:
        name: For bundles and messages.
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``.
        task: What it does.
        parameters: Pre- and post-processing.
        dictionary: Of a recognizer; None for the others.
        origin: For the manifest: name, address or package, hashes of both files.
        weights: How ``opt`` is to store weights where nothing else is asked for; None for as they are.
    """

    name: str
    folder: Path
    task: Task
    parameters: Parameters
    dictionary: Path | None
    origin: Mapping[str, Any]
    weights: Weights | None = None


def zoo_source(model: LocalModel) -> ModelSource:
    """A model that was pulled from the zoo."""
    entry = model.entry
    suffix = "-slim" if model.kind is Kind.SLIM_INFERENCE and "slim" not in entry.name else ""
    origin = {
        "zoo": entry.name,
        "kind": model.kind.value,
        "origin": model.origin,
        "sha256": {name: model.sha256[name] for name in (MODEL_FILE, PARAMS_FILE)},
    }
    task: Task = entry.task.value
    return ModelSource(
        entry.name + suffix, model.folder, task, zoo_parameters(entry), model.dictionary, origin
    )


def folder_source(
    folder: Path,
    task: Task | None,
    dictionary: Path | None,
    *,
    height: int | None = None,
    use_space: bool = True,
) -> ModelSource:
    """An inference model of the user's own.

    Raises:
        ModelError: The folder does not hold one.
        InputError: The task is not given, or a recognizer comes without its dictionary.
    """
    check_inference_model(folder)
    if not folder.resolve().name.isprintable():
        # it becomes the bundle's name, and opt wants it in UTF-8
        raise InputError(folder, "has a name that cannot be printed", "rename the folder")
    if task is None:
        raise InputError(
            folder, "is a folder, its task is not known", "say what it does with --task det, cls or rec"
        )
    if task == "rec" and dictionary is None:
        raise InputError(
            folder, "is a recognizer, its characters are not known", "give its dictionary with --dict FILE"
        )
    parameters: Parameters
    if task == "det":
        parameters = DetectionParameters()
    elif task == "cls":
        parameters = ClassificationParameters()
    else:
        parameters = RecognitionParameters(height=height or 32, use_space=use_space)
    origin = {"folder": folder.name, "sha256": model_hashes(folder)}
    return ModelSource(folder.resolve().name, folder, task, parameters, dictionary, origin)


def known_model(name: str) -> Entry:
    """The zoo's entry of this name.

    Raises:
        ModelError: There is none, and no folder of this name either.
    """
    if Path(name).exists() or "/" in name:
        raise ModelError(name, "is neither a folder nor a model of the zoo", "see 'ppocr-edge models list'")
    return find_entry(name)


def model_hashes(folder: Path) -> dict[str, str]:
    """Hashes of both files of an inference model."""
    return {name: sha256_of(folder / name) for name in (MODEL_FILE, PARAMS_FILE)}
