"""Progress of a pull on stderr, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from slim.zoo.progress import Progress as PullProgress
from slim.zoo.progress import Silent


@contextmanager
def pull_progress() -> Iterator[PullProgress]:
    """Draw during the block; nothing is drawn, nor left behind, where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield Silent()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawing:
        yield _Drawn(drawing)


class _Drawn:
    """A bar for the file under way."""

    def __init__(self, drawing: Progress) -> None:
        self._drawing = drawing
        self._task = drawing.add_task("", total=None, visible=False)

    def started(self, label: str, total: int | None) -> None:
        self._drawing.reset(self._task, description=label, total=total, visible=True)

    def advanced(self, done: int) -> None:
        self._drawing.update(self._task, completed=done)

    def note(self, text: str) -> None:
        self._drawing.console.print(text, style="dim", markup=False, highlight=False)
