"""The ship recipes that come with the toolkit, one YAML file each beside this module."""

from __future__ import annotations

import difflib
import functools
from importlib import resources
from pathlib import Path
from typing import Final

from deploy_tools.ship.reader import parse_ship_recipe, read_ship_recipe
from deploy_tools.ship.recipe import ShipRecipe
from edge.errors import InputError

_PACKAGE: Final = "deploy_tools.ship"
_SUFFIX: Final = ".yml"


@functools.lru_cache(maxsize=1)
def shipped_names() -> tuple[str, ...]:
    """Names of the shipped recipes, sorted."""
    names = (file.name for file in resources.files(_PACKAGE).iterdir())
    return tuple(sorted(name[: -len(_SUFFIX)] for name in names if name.endswith(_SUFFIX)))


def shipped_text(name: str) -> str:
    """The text of a shipped recipe.

    Raises:
        InputError: There is none of that name.
    """
    if name not in shipped_names():
        near = difflib.get_close_matches(name, shipped_names(), n=1, cutoff=0.6)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise InputError(
            name,
            f"is neither a file nor a shipped recipe{meant}",
            f"shipped are {', '.join(shipped_names())}; or write one as in docs/ship.md",
        )
    return resources.files(_PACKAGE).joinpath(name + _SUFFIX).read_text(encoding="utf-8")


def find_ship_recipe(named: str) -> ShipRecipe:
    """The recipe that a user means: a file, or the name of a shipped one.

    Raises:
        InputError: There is no such recipe, or it cannot be used.
    """
    path = Path(named)
    if path.exists() or "/" in named or named.endswith((_SUFFIX, ".yaml")):
        return read_ship_recipe(path)
    return parse_ship_recipe(shipped_text(named), named + _SUFFIX, Path())
