"""``--allow`` of commands that make releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
WORDS: Final = ("failed-gates", "no-gates", "unmeasured-int8", "mixed-opt")
"""Those of `deploy_tools.release.contents.policy.ALLOW`, which takes long to import."""


def allow_option(text: str) -> Callable[[F], F]:
    """Give a command the option, repeatable.

    Args:
        text: Its help.
    """
    return click.option("--allow", multiple=True, type=click.Choice(WORDS), help=text)
