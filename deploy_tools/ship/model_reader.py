"""Reading what a recipe of ``ppocr-edge ship`` says of one model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from deploy_tools.conversion.options import Weights
from deploy_tools.ship.recipe import ReadyModel, ShippedModel, SlimModel
from edge.bundle.manifest import Task
from edge.errors import InputError, ModelError
from slim.pipeline.materials import EVALUATE, TRAIN
from slim.recipes.fields import Fields
from slim.recipes.reader import read_recipe
from slim.recipes.recipe import FileSource, Recipe, Source
from slim.recipes.shipped import shipped_names, shipped_recipe
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Entry, Kind

_KINDS: Final = (Kind.INFERENCE, Kind.SLIM_INFERENCE)
_WEIGHTS: Final[tuple[Weights, ...]] = ("int8", "int16")
_FILES: Final = (".yml", ".yaml")


def read_model(fields: Fields, task: Task, folder: Path) -> ShippedModel:
    """One model.

    Args:
        fields: What is said of it.
        task: What it does.
        folder: That paths are taken from.

    Raises:
        InputError: Something is unknown, missing, of the wrong type or impossible.
    """
    if fields.has("slim") == fields.has("model"):
        fields.refuse(
            "",
            "has not one of 'slim' and 'model'",
            "write 'slim: RECIPE' to make it small, or 'model: NAME' to take it as it is",
        )
    model = _slim(fields, task, folder) if fields.has("slim") else _ready(fields, task, folder)
    fields.finish()
    return model


def _slim(fields: Fields, task: Task, folder: Path) -> SlimModel:
    recipe = _recipe(fields, folder)
    _check_task(fields, "slim", find_entry(recipe.model), task)
    return SlimModel(
        task=task,
        recipe=recipe,
        quick=fields.flag("quick", False),
        seed=fields.whole("seed", recipe.seed, most=2**31 - 1),
        device=fields.text("device") if fields.has("device") else "",
        train=_paths(fields, TRAIN, recipe.train, folder),
        evaluate=_paths(fields, EVALUATE, recipe.evaluate, folder),
    )


def _recipe(fields: Fields, folder: Path) -> Recipe:
    word = fields.text("slim")
    path = folder / word
    if word in shipped_names() and not path.exists():
        return shipped_recipe(word)
    if not path.exists() and "/" not in word and not word.endswith(_FILES):
        shipped = ", ".join(shipped_names())
        fields.refuse(
            "slim", f"is {word!r:.80}, neither a file nor a shipped recipe", f"shipped are {shipped}"
        )
    return read_recipe(path)


def _paths(fields: Fields, role: str, sources: Sequence[Source], folder: Path) -> dict[str, Path]:
    """The user's data, by the name of the source."""
    part = fields.inner_or_none(role)
    paths = {}
    for source in sources:
        if not isinstance(source, FileSource):
            continue
        if part is not None and part.has(source.name):
            path = folder / part.text(source.name)
            if not path.exists():
                part.refuse(source.name, f"is {str(path)!r:.200}, which is not there", "check the path")
            paths[source.name] = path
        elif not source.optional:
            what = "a label file" if source.labelled else "a label file or a folder of pictures"
            fields.refuse(
                role,
                f"lacks {source.name!r}, which the recipe of 'slim' needs",
                f"write {role}: {{{source.name}: PATH}}, {what}",
            )
    if part is not None:
        part.finish()
    return paths


def _ready(fields: Fields, task: Task, folder: Path) -> ReadyModel:
    word = fields.text("model")
    weights = fields.choice("weights", _WEIGHTS) if fields.has("weights") else None
    path = folder / word
    if path.is_dir():
        return ReadyModel(
            task=task,
            name=path.resolve().name,
            folder=path,
            dictionary=folder / fields.text("dictionary") if fields.has("dictionary") else None,
            height=fields.whole("height", least=8, most=512) if fields.has("height") else None,
            space=fields.flag("space", True),
            weights=weights,
        )
    try:
        entry = find_entry(word)
    except ModelError as error:
        if "/" in word:
            fields.refuse("model", f"is {word!r:.80}, and no such folder is there", "check the path")
        _again(fields, "model", error)
    _check_task(fields, "model", entry, task)
    kind = None
    if fields.has("kind"):
        kind = Kind(fields.choice("kind", tuple(one.value for one in _KINDS if one in entry.files)))
    return ReadyModel(task=task, name=entry.name, kind=kind, weights=weights)


def _check_task(fields: Fields, key: str, entry: Entry, task: Task) -> None:
    if entry.task.value != task:
        fields.refuse(
            key,
            f"is of {entry.name}, which is a {entry.task.value} model",
            f"write it under {entry.task.value}",
        )


def _again(fields: Fields, key: str, error: InputError) -> NoReturn:
    fields.refuse(key, f"is {error.subject!r:.80}: {error.found}", error.remedy)
