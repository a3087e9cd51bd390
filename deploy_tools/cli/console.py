"""What every command prints with: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from deploy_tools.cli.output_console import OutputConsole
from deploy_tools.cli.visible import printable

T = TypeVar("T")
_UNLIMITED: Final = 10_000


def stdout_console() -> Console:
    """For tables and results. Where they do not go to a terminal, no name is cut short."""
    return OutputConsole(
        width=None if sys.stdout.isatty() else _UNLIMITED, highlight=False, soft_wrap=not sys.stdout.isatty()
    )


def stderr_console() -> Console:
    """For progress and remarks."""
    return Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document, readable by people and machines."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=not _takes_unicode()))


def print_json_line(value: Any) -> None:
    """One JSON value on one line, at once."""
    click.echo(json.dumps(value, ensure_ascii=not _takes_unicode()))


def _takes_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def remark(text: str) -> None:
    """A line for people, to standard error."""
    click.echo(printable(text), err=True)


def warn(text: str) -> None:
    """A warning, to standard error."""
    click.secho(f"warning: {printable(text)}", err=True, fg="yellow")


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Progress | None]:
    """A progress bar on standard error where it is a terminal; otherwise None."""
    console = stderr_console()
    if not console.is_terminal or total < 2:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(label, total=total)
        yield progress


def tracked(items: Iterable[T], label: str, total: int) -> Iterator[T]:
    """The items, with a progress bar that counts them.

    For commands that print a result per item: where the results go to a terminal they show the progress
    themselves, and a bar would stand in their way.
    """
    with progress_bar(label, 0 if sys.stdout.isatty() else total) as progress:
        for item in items:
            yield item
            if progress is not None:
                progress.advance(progress.task_ids[0])
