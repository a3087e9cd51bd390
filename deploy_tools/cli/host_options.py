"""``--threads`` and ``--time-limit`` of commands that train on this host and judge on a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from deploy_tools.cli.bundle_options import MAX_SECONDS, FiniteRange
from deploy_tools.processors import MOST_THREADS

F = TypeVar("F", bound=Callable[..., Any])


def host_options(device: str, *, first: str = "") -> Callable[[F], F]:
    """Give a command the two options.

    Args:
        device: Where runs are limited, as the help says it.
        first: What is asked before the processors here are counted, with a comma, for the help.
    """

    def add(command: F) -> F:
        command = click.option(
            "--time-limit",
            type=FiniteRange(0.1, MAX_SECONDS),
            default=600.0,
            show_default=True,
            help=f"Seconds a single run on {device} may take.",
        )(command)
        return click.option(
            "--threads",
            type=click.IntRange(1, 256),
            help=f"Threads to compute with; default: {first}the processors here, at most {MOST_THREADS}.",
        )(command)

    return add
