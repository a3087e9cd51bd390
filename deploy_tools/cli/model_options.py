"""The options that say which inference model is meant; shared by the commands that take one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from deploy_tools.cli.console import warn
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.conversion.source import ModelSource

F = TypeVar("F", bound=Callable[..., Any])

ZOO_OPTIONS: Final = ("kind", "source")
"""Of models of the zoo."""
OWN_OPTIONS: Final = ("task", "dictionary", "height", "no_space")
"""Of folders with a model of the user's own."""

_SPELLED: Final = {"dictionary": "--dict", "no_space": "--no-space"}


def model_options(command: F) -> F:
    """Add ``--kind`` and ``--source``, and ``--task``, ``--dict``, ``--height`` and ``--no-space``."""
    for option in (
        click.option("--no-space", is_flag=True, help="Your own recognizer has no class for the space."),
        click.option(
            "--height",
            type=click.IntRange(8, 512),
            help="Input height of your own recognizer (default 32).",
        ),
        click.option(
            "--dict",
            "dictionary",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Dictionary of your own recognizer.",
        ),
        click.option(
            "--task", type=click.Choice(["det", "cls", "rec"]), help="What a model of your own does."
        ),
        click.option("--source", help="Where to get the model: publisher, package, an address or a folder."),
        click.option(
            "--kind",
            type=click.Choice(["inference", "slim-inference"]),
            help="Which published model; default: the inference model.",
        ),
    ):
        command = option(command)
    return command


def find_source(model: str, options: Mapping[str, Any]) -> ModelSource:
    """The inference model of a name from the zoo or of a folder; fetched if need be.

    Args:
        model: Name or folder.
        options: Values of :func:`model_options`.

    Raises:
        InputError: An option does not apply, or is missing.
        ModelError: There is no such model.
        SourceError: It cannot be had.
    """
    from deploy_tools.conversion.slim_result import failed_gates, result_source
    from deploy_tools.conversion.source import folder_source, known_model, zoo_source
    from slim.zoo.entry import Kind
    from slim.zoo.pull import ensure
    from slim.zoo.sources import SourceSpec

    if Path(model).is_dir():
        result = result_source(Path(model))
        if result is not None:
            why = f"{model} says itself what it is, in its manifest.json"
            refuse_options(options, (*ZOO_OPTIONS, *OWN_OPTIONS), why)
            if failed_gates(Path(model)):
                warn(f"{model}: failed a gate of its recipe, see its report.html")
            return result
        refuse_options(options, ZOO_OPTIONS, f"{model} is a folder with a model of your own")
        _check_own_model(options)
        return folder_source(
            Path(model),
            options["task"],
            options["dictionary"],
            height=options["height"],
            use_space=not options["no_space"],
        )
    entry = known_model(model)
    refuse_options(options, OWN_OPTIONS, f"{model} is a model of the zoo, which knows it")
    kind = Kind(options["kind"]) if options["kind"] else None
    source = SourceSpec.parse(options["source"]) if options["source"] else None
    return zoo_source(ensure(entry.name, kind, source))


def refuse_options(options: Mapping[str, Any], names: Iterable[str], why: str) -> None:
    """Refuse options that are given and do not apply.

    Raises:
        InputError: One is given.
    """
    for name in names:
        if options[name]:
            option = _SPELLED.get(name, f"--{name}")
            raise InputError(option, f"does not apply: {why}", f"leave {option} out")


def _check_own_model(options: Mapping[str, Any]) -> None:
    """Refuse what does not suit the task, and an unreadable dictionary, before anything is converted."""
    task, dictionary = options["task"], options["dictionary"]
    if task in ("det", "cls"):
        refuse_options(
            options, ("dictionary", "height", "no_space"), f"it is for recognizers, --task is {task}"
        )
    if dictionary is None:
        return
    from edge.ocr.charset import read_character_set

    try:
        read_character_set(dictionary, use_space=not options["no_space"])
    except InputError as error:
        raise InputError(
            f"--dict {dictionary}", error.found, "give a text file in UTF-8 with one character a line"
        ) from None
