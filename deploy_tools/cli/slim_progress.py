"""How far a recipe is: a bar per stage on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy_tools.cli.visible import printable
from slim.pipeline.schedule import Reporter, Schedule, Stage

_LINE_EVERY: Final = 30.0
"""Seconds between two plain lines of the same stage."""
_MARKS: Final = {"waiting": " ", "running": ">", "done": "✓", "kept": "="}


def duration(seconds: float) -> str:
    """``42 s``, ``7 min``, ``1 h 05 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


@contextmanager
def slim_progress() -> Iterator[Reporter]:
    """Shows a run on standard error during the block."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield PlainReporter()
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        yield _LiveReporter(live)


class PlainReporter:
    """Writes a line when a stage begins, now and then while it runs, and when it ends."""

    def __init__(self) -> None:
        self._schedule: Schedule | None = None
        self._last = time.monotonic()

    def began(self, schedule: Schedule) -> None:
        """See :class:`slim.pipeline.schedule.Reporter`."""
        self._schedule = schedule

    def changed(self, stage: Stage) -> None:
        """See :class:`slim.pipeline.schedule.Reporter`."""
        now = time.monotonic()
        if stage.status == "kept" and stage.key != "estimate":
            self._line(f"{stage.label}: kept, {self._left()}")
        elif stage.status == "done" and stage.seconds >= 1:
            self._line(f"{stage.label}: done in {duration(stage.seconds)}, {self._left()}")
        elif stage.status == "running" and stage.done and now - self._last >= _LINE_EVERY:
            part = f"{stage.done} of {stage.total}"
            note = f", {stage.note}" if stage.note else ""
            left = f", {duration(stage.left)} left" if stage.left is not None else ""
            self._line(f"{stage.label}: {part}{note}{left}; {self._left()}")

    def note(self, text: str) -> None:
        """See :class:`slim.pipeline.schedule.Reporter`."""
        self._line(f"note: {text}")

    def _left(self) -> str:
        return f"{_all_left(self._schedule)} in all" if self._schedule else ""

    def _line(self, text: str) -> None:
        self._last = time.monotonic()
        click.echo(printable(text), err=True)


class _LiveReporter:
    """Draws all stages, drawn anew a few times a second."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._schedule: Schedule | None = None

    def began(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._live.get_renderable = self._draw  # type: ignore[method-assign]

    def changed(self, stage: Stage) -> None:
        """Nothing: it is drawn by time."""

    def note(self, text: str) -> None:
        self._live.console.print(f"note: {text}", style="dim", markup=False)

    def _draw(self) -> Table:
        table = Table(box=None, pad_edge=False, show_header=False)
        if self._schedule is None:
            return table
        for stage in self._schedule.stages:
            style = {"running": "bold", "waiting": "dim"}.get(stage.status, "")
            table.add_row(
                Text(_MARKS[stage.status]),
                Text(stage.label, style=style),
                _bar(stage),
                Text(_time(stage), style=style, justify="right"),
                Text(stage.note if stage.status == "running" else "", style="dim"),
            )
        left = _all_left(self._schedule)
        table.add_row("", Text("in all", style="bold"), "", Text(left, style="bold"), "")
        return table


def _bar(stage: Stage) -> ProgressBar | Text:
    if stage.status != "running":
        return Text("")
    known = stage.total > 0
    return ProgressBar(stage.total or None, stage.done, width=24, pulse=not known)


def _time(stage: Stage) -> str:
    if stage.status == "kept":
        return "kept"
    if stage.status == "done":
        return duration(stage.seconds)
    return f"{duration(stage.left)} left" if stage.left is not None else ""


def _all_left(schedule: Schedule) -> str:
    return f"{'' if schedule.certain else 'more than '}{duration(schedule.left)} left"
