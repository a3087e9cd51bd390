"""A word about what is waited for, where somebody sees it."""

from __future__ import annotations

import sys

import click

from deploy_tools.cli.visible import printable


def waiting_for(text: str) -> None:
    """Say what is waited for, on a terminal.

    A line and no moving sign: a wire may have to ask for a password meanwhile, on the same terminal.
    """
    if sys.stderr.isatty():
        click.secho(f"{printable(text)} …", err=True, dim=True)
