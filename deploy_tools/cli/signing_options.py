"""``--key``, ``--password-file`` and ``--expires`` of commands that sign what they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from deploy_tools.cli.expiry import FORMS, last_day
from deploy_tools.cli.key_password import key_password, password_option
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.release.trust.keys import PrivateKey

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Signing:
    """How a release is signed.

    Attributes:
        key: With what; None leaves it unsigned.
        end: Until when that holds; None for ever.
    """

    key: PrivateKey | None
    end: datetime | None


def signing_options(command: F) -> F:
    """Give a command the three options, as ``key``, ``password_file`` and ``expires``."""
    command = click.option("--expires", metavar="DAY|SPAN", help=f"Of the signature. {FORMS}")(command)
    command = password_option(command)
    return click.option(
        "--key",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Private key to sign it with, as 'keys new' makes it.",
    )(command)


def read_signing(key: Path | None, password_file: Path | None, expires: str | None) -> Signing:
    """What the options say. The password is asked for now: call it before work that takes long.

    Raises:
        InputError: The key cannot be read, or an option is of a key that is not given, or over already.
    """
    from deploy_tools.release.trust.key_files import read_private_key
    from deploy_tools.release.trust.times import signing_time

    if key is None:
        if expires is not None:
            raise InputError("--expires", "is of a signature, and none is made", "add --key")
        if password_file is not None:
            raise InputError("--password-file", "is of a key, and none is given", "add --key")
        return Signing(None, None)
    end = last_day(expires, signing_time())
    return Signing(read_private_key(key, key_password(key, password_file)), end)
