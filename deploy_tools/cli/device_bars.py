"""Progress on several devices at once: what is sent to them, and how far each is with its work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from deploy_tools.cli.console import stderr_console
from deploy_tools.cli.visible import printable

if TYPE_CHECKING:
    from deploy_tools.devices.wire.wire import Progress as Sent


class DeviceBars:
    """Bars on standard error, one for each thing that goes on; from any thread.

    Args:
        shown: Where they are shown; None shows nothing.
    """

    def __init__(self, shown: Progress | None) -> None:
        self._shown = shown

    @property
    def shown(self) -> bool:
        """Whether they are: nothing else may move on standard error meanwhile."""
        return self._shown is not None

    def sending(self, device: str) -> Sent:
        """What is told of files that are sent to a device."""
        shown, task = self._shown, None

        def sent(done: int, total: int) -> None:
            nonlocal task
            if shown is None:
                return
            if task is None:
                task = shown.add_task(f"sending to {printable(device)}", total=total)
            shown.update(task, completed=done, total=total)
            if done >= total:
                shown.remove_task(task)
                task = None

        return sent

    @contextmanager
    def work(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """A piece of work of so many steps; what is yielded is told how many are done."""
        shown = self._shown
        if shown is None or total < 2:
            yield lambda _: None
            return
        task = shown.add_task(printable(label), total=total)
        try:
            yield lambda done: _update(shown, task, done)
        finally:
            shown.remove_task(task)


def _update(shown: Progress, task: TaskID, done: int) -> None:
    shown.update(task, completed=done)


@contextmanager
def device_bars(*, hidden: bool = False) -> Iterator[DeviceBars]:
    """Bars where standard error is a terminal; gone at the end.

    Args:
        hidden: Show none: where results go to the same terminal meanwhile, and bars would stand in their way.
    """
    console = stderr_console()
    if hidden or not console.is_terminal:
        yield DeviceBars(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        yield DeviceBars(shown)
