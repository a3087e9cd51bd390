"""``--key`` of commands that verify: public keys that are trusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def trusted_keys_option(command: F) -> F:
    """Give a command ``--key``, repeatable, as ``keys``."""
    return click.option(
        "--key",
        "keys",
        multiple=True,
        metavar="FILE|KEY",
        help="Public key that is trusted: its file, or in one word (ed25519:…); repeatable.",
    )(command)
