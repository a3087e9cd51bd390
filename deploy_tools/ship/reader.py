"""Reading a recipe of ``ppocr-edge ship``, every key checked."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NoReturn, get_args

from deploy_tools.devices.inventory.reading import MOST_THREADS
from deploy_tools.release.contents.naming import check_word
from deploy_tools.release.contents.policy import ALLOW, Allow
from deploy_tools.release.targets.target import TARGETS
from deploy_tools.results.tags import check_tag
from deploy_tools.ship.model_reader import read_model
from deploy_tools.ship.recipe import FORMAT, LAST, Beside, Measuring, ShippedModel, ShipRecipe
from edge.bundle.manifest import Task
from edge.errors import InputError
from slim.recipes.document import DocumentKind, parse_document, read_text
from slim.recipes.fields import Fields, nearest

KIND: Final = DocumentKind("ship recipe", "docs/ship.md")
TASKS: Final[tuple[Task, ...]] = get_args(Task)


def read_ship_recipe(path: Path) -> ShipRecipe:
    """Read a recipe; paths in it are taken from the folder that it is in.

    Raises:
        InputError: The file cannot be read, or something in it is unknown, missing, of the wrong type or
            impossible; the message names the line and the key.
    """
    return parse_ship_recipe(read_text(path, KIND), str(path), path.parent)


def parse_ship_recipe(text: str, name: str, folder: Path) -> ShipRecipe:
    """The recipe in a text; see :func:`read_ship_recipe`.

    Args:
        text: YAML.
        name: Of the file, for messages.
        folder: That paths in it are taken from.
    """
    fields = Fields(parse_document(text, name, KIND), name, whole=KIND.noun)
    found = fields.whole("ship")
    if found != FORMAT:
        fields.refuse("ship", f"is format {found}", f"this version reads format {FORMAT}")
    recipe = ShipRecipe(
        file=name,
        name=_word(fields, "name"),
        version=_word(fields, "version") if fields.has("version") else "",
        description=fields.text("description", ""),
        targets=_chosen(fields, "targets", tuple(TARGETS)),
        models=_models(fields, folder),
        measuring=_measuring(fields.inner_or_none("measure"), folder),
        allow=_allow(fields),
        runners=_paths(fields, "runners", folder),
        lite_homes=_lite_homes(fields, folder),
        android_libraries=_paths(fields, "android_libraries", folder),
        licences=fields.texts("licences", ()),
        notices=_paths(fields, "notices", folder),
        threads=fields.whole("threads", least=1, most=MOST_THREADS) if fields.has("threads") else None,
    )
    fields.finish()
    return recipe


def _models(fields: Fields, folder: Path) -> tuple[ShippedModel, ...]:
    part = fields.inner("models")
    if not part.keys:
        fields.refuse("models", "is empty", f"name at least one, by what it does: {', '.join(TASKS)}")
    models = tuple(read_model(part.inner(task), task, folder) for task in TASKS if part.has(task))
    part.finish()
    return models


def _measuring(fields: Fields | None, folder: Path) -> Measuring:
    if fields is None:
        return Measuring()
    usual = Measuring()
    measuring = Measuring(
        devices=fields.texts("devices", ()),
        against=fields.text("against") if fields.has("against") else "",
        beside=_beside(fields, folder) if fields.has("beside") else None,
        threshold=fields.percent("threshold") / 100 if fields.has("threshold") else usual.threshold,
        tag=_tag(fields) if fields.has("tag") else "",
        threads=fields.whole("threads", least=1, most=MOST_THREADS) if fields.has("threads") else None,
        runs=fields.whole("runs", usual.runs, least=1, most=1_000_000),
        seconds=fields.number("seconds", usual.seconds, most=86_400),
        warmup=fields.number("warmup", usual.warmup, most=86_400),
        tolerance=fields.number("tolerance") if fields.has("tolerance") else None,
    )
    fields.finish()
    return measuring


def _beside(fields: Fields, folder: Path) -> Beside:
    if fields.has("against"):
        fields.refuse(
            "beside",
            "does not go together with 'against'",
            "choose one: 'beside' measures a release again, 'against' names a run of another day",
        )
    word = fields.text("beside")
    return LAST if word == LAST else folder / word


def _tag(fields: Fields) -> str:
    tag = fields.text("tag")
    try:
        check_tag(tag)
    except InputError as error:
        _again(fields, "tag", error)
    return tag


def _word(fields: Fields, key: str) -> str:
    try:
        return check_word(key, fields.text(key))
    except InputError as error:
        _again(fields, key, error)


def _again(fields: Fields, key: str, error: InputError) -> NoReturn:
    """Say of a key what was said of an option."""
    fields.refuse(key, error.found, error.remedy)


def _chosen(fields: Fields, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    words = fields.texts(key)
    for word in words:
        if word not in known:
            fields.refuse(key, f"has {word!r:.60}", f"write of {', '.join(known)}{nearest(word, known)}")
    if len(set(words)) != len(words):
        fields.refuse(key, "names something twice", "name it once")
    return words


def _allow(fields: Fields) -> tuple[Allow, ...]:
    if not fields.has("allow"):
        return ()
    words = _chosen(fields, "allow", tuple(ALLOW))
    return tuple(word for word in ALLOW if word in words)


def _paths(fields: Fields, key: str, folder: Path) -> tuple[Path, ...]:
    return tuple(folder / word for word in fields.texts(key, ()))


def _lite_homes(fields: Fields, folder: Path) -> dict[str, Path]:
    part = fields.inner_or_none("lite_homes")
    if part is None:
        return {}
    homes = {
        name: folder / part.text(name)
        for name, target in TARGETS.items()
        if target.build is not None and part.has(name)
    }
    part.finish()
    return homes
