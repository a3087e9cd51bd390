"""What ``ppocr-edge run`` prints of every picture, from one device or from several at once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deploy_tools.cli.console import print_json_line, remark
from deploy_tools.cli.visible import printable
from edge.errors import PpocrEdgeError

if TYPE_CHECKING:
    from deploy_tools.pictures import PicturePlan
    from edge.ocr.result import PageResult

# what belongs to one picture stays together, whichever thread prints
_PRINTING: Final = threading.Lock()


class Report:
    """The results of one device.

    Args:
        device: Its name; empty where there is only one.
        as_json: Print JSON.
        images: How many pictures are read.
        plan: Where they are drawn.
    """

    def __init__(self, device: str, *, as_json: bool, images: int, plan: PicturePlan) -> None:
        self._device = device
        self._json = as_json
        self._headed = bool(device) or images > 1
        self._plan = plan

    def label(self, text: str) -> str:
        """A text that says which device it is about."""
        return f"{self._device}: {text}" if self._device else text

    def page(self, path: Path, page: PageResult) -> int:
        """Print a result, drawn first where that is wanted; returns how many lines it has.

        Raises:
            InputError: It cannot be drawn.
        """
        drawn = self._plan.draw(path, page)
        with _PRINTING:
            self._print(path, page, drawn)
        return len(page.lines)

    def failed(self, path: Path, error: PpocrEdgeError) -> None:
        """Print that a picture could not be read."""
        with _PRINTING:
            if self._json:
                print_json_line({**self._of_device(), "image": str(path), "error": error.one_line()})
            remark(self.label(error.one_line()))

    def failed_device(self, error: PpocrEdgeError) -> None:
        """Print, as JSON, that the device could not go on."""
        if self._json:
            print_json_line({**self._of_device(), "error": error.one_line()})

    def _of_device(self) -> dict[str, Any]:
        return {"device": self._device} if self._device else {}

    def _print(self, path: Path, page: PageResult, drawn: Path | None) -> None:
        if self._json:
            picture = {} if drawn is None else {"drawn": str(drawn)}
            print_json_line({**self._of_device(), "image": str(path), **picture, **page.to_json()})
            return
        if self._headed:
            count = f"{len(page.lines)} line{'' if len(page.lines) == 1 else 's'}"
            where = f" on {printable(self._device)}" if self._device else ""
            click.echo(f"== {printable(str(path))}{where}: {count}, {sum(page.seconds.values()):.2f} s")
        for line in page.lines:
            click.echo(f"{line.score:.2f}  {line.text}")
        if not page.lines and not self._headed:
            remark("no text found")
        if drawn is not None and not self._headed:
            remark(f"drew {drawn}")
