"""Reading a recipe, every key checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge.errors import ModelError
from slim.pipeline.kinds import KINDS, Parser, parser_of
from slim.pipeline.state import first_form
from slim.pipeline.step import Form, Step
from slim.recipes.document import parse_document, read_text
from slim.recipes.fields import Fields, nearest
from slim.recipes.recipe import (
    AGREEMENT,
    COSTS,
    FORMAT,
    MEASURES_OF,
    FileSource,
    Gate,
    Recipe,
    Source,
    StepPlan,
    SyntheticSource,
)
from slim.zoo.catalog import find_entry, load_catalog
from slim.zoo.entry import Entry, Kind, Task

MOST_STEPS: Final = 20
MOST_SYNTHETIC: Final = 100_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_USUAL_CHARACTERS: Final = "ppocr_keys_v1.txt"
_KINDS: Final = (Kind.TRAINED, Kind.INFERENCE, Kind.SLIM_INFERENCE)
"""Others hold no network that could be built from the zoo's facts."""


def read_recipe(path: Path, parser: Callable[[str], Parser] = parser_of) -> Recipe:
    """Read a recipe.

    Args:
        path: The YAML file.
        parser: Finds the parser of a kind of step.

    Raises:
        InputError: The file cannot be read, or something in it is unknown, missing, of the wrong type or
            impossible; the message names the line and the key.
    """
    return parse_recipe(read_text(path), str(path), parser)


def parse_recipe(text: str, name: str, parser: Callable[[str], Parser] = parser_of) -> Recipe:
    """The recipe in a text; see :func:`read_recipe`.

    Args:
        text: YAML.
        name: Of the file, for messages.
        parser: Finds the parser of a kind of step.
    """
    fields = Fields(parse_document(text, name), name)
    found = fields.whole("recipe")
    if found != FORMAT:
        fields.refuse("recipe", f"is format {found}", f"this version reads format {FORMAT}")
    entry = _entry(fields)
    kind, form = _kind(fields, entry)
    data = fields.inner("data")
    train, evaluate = _sources(data, "train", entry), _sources(data, "evaluate", entry)
    data.finish()
    recipe = Recipe(
        name=_name(fields, "name", fields.text("name", f"{entry.name}-slim")),
        description=fields.text("description", entry.description),
        model=entry.name,
        kind=kind,
        seed=fields.whole("seed", 0, most=2**31 - 1),
        train=train,
        evaluate=evaluate,
        steps=_steps(fields, form, parser),
        gates=tuple(_gate(one, entry, evaluate) for one in fields.items("gates")),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    fields.finish()
    _check_published(fields, recipe)
    return recipe


def _entry(fields: Fields) -> Entry:
    model = fields.text("model")
    try:
        return find_entry(model)
    except ModelError as error:
        return fields.refuse("model", f"is {model!r:.80}, {error.found}", error.remedy)


def _kind(fields: Fields, entry: Entry) -> tuple[Kind, Form]:
    kind = Kind(fields.choice("kind", tuple(one.value for one in _KINDS)))
    usable = [one for one in _KINDS if one in entry.files and first_form(entry.architecture, one)]
    there = ", ".join(one.value for one in usable)
    if kind not in entry.files:
        fields.refuse(
            "kind", f"is {kind.value}, as which {entry.name} was not published", f"write one of {there}"
        )
    form = first_form(entry.architecture, kind)
    if form is None:
        name = entry.architecture.backbone.name
        fields.refuse("kind", f"is {kind.value}, and {name} cannot be trained here", f"write one of {there}")
    return kind, form


def _name(fields: Fields, key: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        fields.refuse(
            key,
            f"is {name!r:.60}",
            "write letters, digits, '_', '-' and '.', at most 80, a letter or digit first",
        )
    return name


def _sources(data: Fields, key: str, entry: Entry) -> tuple[Source, ...]:
    part = data.inner(key)
    if not part.keys:
        data.refuse(key, "is empty", "name at least one source, such as 'photographs: {files: labelled}'")
    return tuple(_source(part, _name(part, name, name), entry) for name in part.keys)


def _source(part: Fields, name: str, entry: Entry) -> Source:
    fields = part.inner(name)
    if fields.has("files") == fields.has("synthetic"):
        part.refuse(
            name,
            "has not one of 'files' and 'synthetic'",
            "write {files: labelled} or {synthetic: pages, count: 50}",
        )
    source: Source
    if fields.has("files"):
        labelled = fields.choice("files", ("labelled", "any")) == "labelled"
        source = FileSource(name, labelled, fields.flag("optional", False))
    else:
        fitting = "pages" if entry.task is Task.DETECTION else "lines"
        what = fields.choice("synthetic", (fitting,))
        source = SyntheticSource(
            name,
            "pages" if what == "pages" else "lines",
            fields.whole("count", least=1, most=MOST_SYNTHETIC),
            _dictionary(fields, entry),
            fields.flag("optional", False),
            fields.whole("seed", 0, most=2**31 - 1),
        )
    fields.finish()
    return source


def _dictionary(fields: Fields, entry: Entry) -> str | None:
    entries = load_catalog().values()
    known = sorted({entry.dictionary.name for entry in entries if entry.dictionary is not None})
    if entry.dictionary is None:
        return fields.choice("dictionary", known, _USUAL_CHARACTERS)
    chosen = fields.choice("dictionary", ("model", *known), "model")
    return None if chosen == "model" else chosen


def _steps(fields: Fields, form: Form, parser: Callable[[str], Parser]) -> tuple[StepPlan, ...]:
    items = fields.items("steps")
    if not items:
        fields.refuse("steps", "is missing", "add a list of steps, such as '- prune: {…}'")
    if len(items) > MOST_STEPS:
        fields.refuse("steps", f"has {len(items)} steps", f"keep to {MOST_STEPS}")
    plans = []
    for item in items:
        if len(item.keys) != 1:
            item.refuse("", f"has {len(item.keys)} keys where one step is expected", "write '- prune: {…}'")
        kind = item.keys[0]
        if kind not in KINDS:
            near = nearest(kind, tuple(KINDS))
            item.refuse(kind, "is no kind of step", f"kinds are: {', '.join(KINDS)}{near}")
        settings = item.inner(kind)
        minutes = settings.number("minutes", least=0.01, most=10_000) if settings.has("minutes") else None
        step = parser(kind)(settings)
        settings.finish()
        form = _form_after(item, kind, step, form)
        plans.append(StepPlan(step, minutes))
    return tuple(plans)


def _form_after(item: Fields, kind: str, step: Step, form: Form) -> Form:
    # a network can always be turned into an inference model, and never back
    if form in step.takes:
        return step.gives or form
    if form == "network":
        return step.gives or "inference"
    return item.refuse(
        kind,
        "starts from a network that can be trained, and what it would get is an inference model",
        "change the order of the steps, or begin with another 'kind'",
    )


def _gate(fields: Fields, entry: Entry, evaluate: tuple[Source, ...]) -> Gate:
    measure = fields.choice("measure", (*MEASURES_OF[entry.task], AGREEMENT, *COSTS))
    if sum(fields.has(key) for key in ("largest_loss", "least", "most")) != 1:
        fields.refuse(
            "measure", "has not exactly one limit", "write one of largest_loss, least and most beside it"
        )
    cost = measure in COSTS
    loss = None
    if fields.has("largest_loss"):
        if cost or measure == AGREEMENT:
            fields.refuse("largest_loss", f"does not apply to {measure}", "write 'least' or 'most'")
        loss = fields.points("largest_loss")
    gate = Gate(
        measure=measure,
        data=None if cost else fields.choice("data", tuple(source.name for source in evaluate)),
        largest_loss=loss,
        against="published" if loss is not None and _published(fields) else "float",
        least=_limit(fields, "least", cost=cost),
        most=_limit(fields, "most", cost=cost),
        confident=not cost and fields.flag("confident", False),
    )
    fields.finish()
    return gate


def _limit(fields: Fields, key: str, *, cost: bool) -> float | None:
    if not fields.has(key):
        return None
    return fields.whole(key, most=10**15) if cost else fields.percent(key)


def _published(fields: Fields) -> bool:
    return fields.choice("against", ("float", "published"), "float") == "published"


def _check_published(fields: Fields, recipe: Recipe) -> None:
    if not any(gate.against == "published" for gate in recipe.gates):
        return
    row = load_catalog().get(recipe.name)
    if row is None or Kind.SLIM_INFERENCE not in row.files:
        fields.refuse(
            "name",
            f"is {recipe.name}, of which no slim model is published, but a gate compares with one",
            "write the name of a slim model of the zoo, or 'against: float'",
        )
