"""The option that names the results store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def results_option(command: F) -> F:
    """Add ``--results``, which :func:`deploy_tools.results.opening.open_results` takes."""
    return click.option(
        "--results",
        metavar="WHERE",
        help="Results store: a file or postgresql://…; default: PPOCR_EDGE_RESULTS, or a file of your own.",
    )(command)
