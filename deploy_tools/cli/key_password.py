"""The password of a private key: from a file, the environment, or asked for; never on the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from edge.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])
VARIABLE: Final = "PPOCR_EDGE_KEY_PASSWORD"
_LONGEST: Final = 1024


def password_option(command: F) -> F:
    """Give a command ``--password-file``."""
    return click.option(
        "--password-file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help=f"File whose first line is the key's password; default: ${VARIABLE}, or you are asked.",
    )(command)


def key_password(key: Path, password_file: Path | None, *, new: bool = False) -> str:
    """The password of a key.

    Args:
        key: Its file, to ask for it by name.
        password_file: As ``--password-file`` gave it.
        new: It is made up now; whoever is asked is asked twice.

    Raises:
        InputError: The file cannot be read or others may read it, there is nobody to ask, or a key that
            is not new cannot be read.
    """
    if not new:
        from deploy_tools.release.trust.key_files import check_private_key

        check_private_key(key)  # before anybody looks for the password of what is not there
    if password_file is not None:
        return _of_file(password_file)
    if password := os.environ.get(VARIABLE):
        return password
    if not sys.stdin.isatty():
        found = "its password is not given, and there is no terminal to ask for it"
        raise InputError(key, found, f"use --password-file, or set {VARIABLE}")
    text = f"{'New password' if new else 'Password'} of {key.name}"
    answer: str = click.prompt(text, hide_input=True, confirmation_prompt=new, err=True)
    return answer


def _of_file(path: Path) -> str:
    from deploy_tools.release.trust.key_files import check_owners_alone

    try:
        check_owners_alone(path)
        with path.open("rb") as stream:
            line = stream.readline(_LONGEST + 1)
    except OSError as error:
        raise InputError(
            path, f"cannot be read ({error.strerror})", "name the file of the password"
        ) from None
    if len(line) > _LONGEST:
        raise InputError(path, "has no end of its first line", "write the password on a line of its own")
    try:
        password = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError(path, "is not UTF-8 text", "write the password on a line of its own") from None
    if not password:
        raise InputError(path, "has no password on its first line", "write it there")
    return password
