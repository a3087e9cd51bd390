"""The recipes that come with the toolkit, one YAML file each beside this module."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Final

from edge.errors import InputError
from slim.pipeline.kinds import Parser, parser_of
from slim.recipes.reader import parse_recipe, read_recipe
from slim.recipes.recipe import Recipe

_SUFFIX: Final = ".yml"


@functools.lru_cache(maxsize=1)
def shipped_names() -> tuple[str, ...]:
    """Names of the shipped recipes, sorted: those of the models they are for."""
    names = (file.name for file in resources.files("slim.recipes").iterdir())
    return tuple(sorted(name[: -len(_SUFFIX)] for name in names if name.endswith(_SUFFIX)))


def shipped_recipe(name: str, parser: Callable[[str], Parser] = parser_of) -> Recipe:
    """A shipped recipe.

    Raises:
        KeyError: There is none of that name.
    """
    if name not in shipped_names():
        raise KeyError(name)
    text = resources.files("slim.recipes").joinpath(name + _SUFFIX).read_text(encoding="utf-8")
    return parse_recipe(text, name + _SUFFIX, parser)


def find_recipe(model: str, named: str | None, parser: Callable[[str], Parser] = parser_of) -> Recipe:
    """The recipe that a user means.

    Args:
        model: What is to be made smaller: a model of the zoo, or the name that a recipe gives its result.
        named: Path of a recipe, or the name of a shipped one; that of the model where None.
        parser: Finds the parser of a kind of step.

    Raises:
        InputError: There is no such recipe, it cannot be used, or is for another model.
    """
    if named is None:
        if model not in shipped_names():
            raise InputError(model, f"has no recipe of its own{_near(model)}", _remedy())
        return shipped_recipe(model, parser)
    if named in shipped_names() and not Path(named).exists():
        recipe = shipped_recipe(named, parser)
    else:
        if not Path(named).exists() and "/" not in named and not named.endswith((_SUFFIX, ".yaml")):
            raise InputError(
                f"--recipe {named}", f"is neither a file nor a shipped recipe{_near(named)}", _remedy()
            )
        recipe = read_recipe(Path(named), parser)
    if model not in (recipe.name, recipe.model, named):
        raise InputError(
            f"--recipe {named}",
            f"makes {recipe.name} of {recipe.model}, not {model}",
            f"write 'ppocr-edge slim {recipe.name} --recipe {named}'",
        )
    return recipe


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, shipped_names(), n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


def _remedy() -> str:
    return f"shipped are {', '.join(shipped_names())}; or give a file of your own with --recipe"
