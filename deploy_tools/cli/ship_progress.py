"""How far a whole way is: a line for every step that is over, and what moves in the one at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click
from rich.markup import escape
from rich.status import Status

from deploy_tools.cli.console import remark, stderr_console
from deploy_tools.cli.device_bars import device_bars
from deploy_tools.cli.models_progress import pull_progress
from deploy_tools.cli.slim_progress import duration, slim_progress
from deploy_tools.cli.visible import printable

if TYPE_CHECKING:
    from deploy_tools.ship.reporter import Bars, StepLine, Took
    from deploy_tools.ship.request import ShipRequest
    from slim.pipeline.schedule import Reporter as SlimReporter
    from slim.zoo.progress import Progress as PullProgress

_OWN_BARS: Final = ("pull", "slim", "measure")
"""Steps that draw themselves: nothing else may move meanwhile."""


@contextmanager
def ship_progress(request: ShipRequest) -> Iterator[ShipProgress]:
    """Shows a whole way on standard error during the block."""
    progress = ShipProgress(request)
    try:
        yield progress
    finally:
        progress.close()


class ShipProgress:
    """Writes a line for every step; see :class:`deploy_tools.ship.reporter.Reporter`.

    Args:
        request: What is asked for.
    """

    def __init__(self, request: ShipRequest) -> None:
        self._request = request
        self._steps = 0
        self._width = 0
        self._status: Status | None = None
        self._at = ""

    def planned(self, steps: Sequence[StepLine]) -> None:
        """What is to do is known."""
        recipe = self._request.recipe
        self._steps = len(steps)
        self._width = max(len(line.what) for line in steps)
        remark(
            f"{recipe.name} {recipe.version} for {', '.join(recipe.targets)}: {len(steps)} steps, kept in "
            f"{self._request.out / '.work'} when they are done"
        )

    def begins(self, number: int, line: StepLine) -> None:
        """A step begins."""
        self._at = f"{number}/{self._steps} {line.verb} {printable(line.what)}"
        console = stderr_console()
        if not console.is_terminal:
            if line.verb == "slim":  # the others are over before anybody wonders
                remark(f"{self._at} …")
        elif line.verb not in _OWN_BARS:
            self._status = console.status(escape(self._at))
            self._status.start()

    def told(self, text: str) -> None:
        """The step came to something."""
        if self._status is not None:
            self._status.update(escape(f"{self._at}: {printable(text)}"))

    def ended(self, number: int, took: Took) -> None:
        """The step is over."""
        self.close()
        time = "kept" if took.ended.kept else duration(took.seconds)
        what = f"{printable(took.line.what):<{self._width}}"
        line = (
            f"{number:>3}/{self._steps}  {took.line.verb:<8} {what}  {time:>7}  {printable(took.ended.said)}"
        )
        click.echo(line.rstrip(), err=True)

    def note(self, text: str) -> None:
        """Something worth a line."""
        remark(f"note: {text}")

    @contextmanager
    def pulling(self) -> Iterator[PullProgress]:
        """During a pull."""
        with pull_progress() as progress:
            yield progress

    @contextmanager
    def slimming(self) -> Iterator[SlimReporter]:
        """While a model is made small."""
        with slim_progress() as reporter:
            yield reporter

    @contextmanager
    def measuring(self) -> Iterator[Bars]:
        """During measurements."""
        with device_bars() as bars:
            yield bars

    def close(self) -> None:
        """Let nothing move any more."""
        if self._status is not None:
            self._status.stop()
            self._status = None
