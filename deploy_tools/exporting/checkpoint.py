"""What is exported: a published checkpoint, or one of the user's own that is like a published one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from edge.bundle.manifest import Parameters
from edge.errors import InputError, ModelError
from edge.folders import home_folder
from edge.hashing import sha256_of
from edge.ocr.charset import read_character_set
from edge.ocr.parameters import RecognitionParameters
from slim.networks.checkpoint import checkpoint_file
from slim.networks.plan import NetworkPlan, published_plan
from slim.pipeline.characters import fetch_dictionary
from slim.pipeline.state import first_form
from slim.zoo.entry import Entry, Kind, Task
from slim.zoo.parameters import zoo_parameters
from slim.zoo.pull import LocalModel

CHECKPOINT_KINDS: Final = (Kind.TRAINED, Kind.PRETRAINED, Kind.SLIM_TRAINED)


@dataclass(frozen=True)
class Checkpoint:
    """A training checkpoint and what is needed to make a model of it that can be used.

    Attributes:
        name: Of the model that comes out.
        file: The ``.pdparams``.
        task: What the model does.
        plan: The network it was trained with.
        pruned: Whether it may be narrower than that network.
        parameters: Pre- and post-processing.
        dictionary: Of a recognizer; None for the others.
        origin: For the manifest: name and kind, or folder, and hashes.
    """

    name: str
    file: Path
    task: Task
    plan: NetworkPlan
    pruned: bool
    parameters: Parameters
    dictionary: Path | None
    origin: Mapping[str, Any]


def checkpoint_kind(entry: Entry, kind: Kind | None) -> Kind:
    """Which of a model's kinds to export; asked before anything is fetched.

    Args:
        entry: The model.
        kind: The user's wish; None for the trained checkpoint, or the slim one of a slim model.

    Raises:
        ModelError: It has no checkpoint, or its network cannot be built.
    """
    published = [one for one in (Kind.TRAINED, Kind.SLIM_TRAINED, Kind.PRETRAINED) if one in entry.files]
    others = ", ".join(one.value for one in entry.files)
    if kind is not None and kind not in entry.files:
        raise ModelError(entry.name, f"not published as '{kind.value}'", f"its kinds are: {others}")
    if not published:
        raise ModelError(entry.name, "was published without a checkpoint", f"its kinds are: {others}")
    require_network(entry)
    return kind or published[0]


def require_network(entry: Entry) -> None:
    """Make sure that a model's network is one of those that can be built.

    Raises:
        ModelError: It is not.
    """
    if first_form(entry.architecture, Kind.TRAINED) is None:
        network = entry.architecture.backbone.name
        raise ModelError(
            entry.name,
            f"its network ({network}) cannot be built here",
            f"take its inference model: 'ppocr-edge models pull {entry.name}'",
        )


def zoo_checkpoint(model: LocalModel) -> Checkpoint:
    """A checkpoint that was pulled from the zoo.

    Raises:
        ModelError: There are several in its archive.
    """
    entry, file = model.entry, checkpoint_file(model.folder)
    return Checkpoint(
        name=f"{entry.name}-pretrained" if model.kind is Kind.PRETRAINED else entry.name,
        file=file,
        task=entry.task,
        plan=published_plan(entry),
        pruned=model.kind is Kind.SLIM_TRAINED,
        parameters=zoo_parameters(entry),
        dictionary=model.dictionary,
        origin={
            "zoo": entry.name,
            "kind": model.kind.value,
            "origin": model.origin,
            "sha256": {file.name: model.sha256[file.name]},
        },
    )


def own_checkpoint(path: Path, entry: Entry, dictionary: Path | None, *, use_space: bool) -> Checkpoint:
    """A checkpoint of the user's own.

    Args:
        path: The ``.pdparams``, or a folder with one.
        entry: The published model whose network was trained.
        dictionary: Of a recognizer; the published model's own where None.
        use_space: Whether a class for the space follows the dictionary; only asked where one is given.

    Raises:
        InputError: The dictionary cannot be read, does not apply, or the name cannot be printed.
        ModelError: There is no checkpoint, or the network cannot be built.
        SourceError: The published model's dictionary cannot be had.
    """
    require_network(entry)
    file = path if path.is_file() else checkpoint_file(path)
    name = file.stem if path.is_file() else path.resolve().name
    if not name.isprintable():
        raise InputError(path, "has a name that cannot be printed", "rename it")
    plan, parameters = published_plan(entry), zoo_parameters(entry)
    if dictionary is not None:
        if not isinstance(parameters, RecognitionParameters):
            raise InputError("--dict", f"is for recognizers, {entry.name} is none", "leave --dict out")
        characters = read_character_set(dictionary, use_space=use_space)
        plan = replace(plan, classes=len(characters))
        parameters = replace(parameters, use_space=use_space)
    elif entry.dictionary is not None:
        dictionary = fetch_dictionary(entry.dictionary.name, home_folder() / "dictionaries")
    origin = {"file": file.name, "like": entry.name, "sha256": {file.name: sha256_of(file)}}
    return Checkpoint(name, file, entry.task, plan, True, parameters, dictionary, origin)
