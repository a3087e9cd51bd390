"""The options that name bundles, a device and how to run on it; shared by the commands that run models."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from deploy_tools.cli.console import stderr_console, warn
from deploy_tools.cli.inventory_option import inventory_option
from edge.errors import InputError

if TYPE_CHECKING:
    from edge.bundle.bundle import Bundle

F = TypeVar("F", bound=Callable[..., Any])
TASKS: Final = ("det", "cls", "rec")
MAX_SECONDS: Final = 86_400


class FiniteRange(click.FloatRange):
    """A number between two bounds; ``nan``, which compares with nothing, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is not a number", param, ctx)
        return number


def device_options(command: F) -> F:
    """Add ``--device``, ``--inventory``, ``--force`` and ``--time-limit``."""
    return click.option(
        "--device",
        default="local",
        show_default=True,
        metavar="NAME[,NAME...]|all",
        help="Where to run: devices of 'ppocr-edge devices list', several at the same time; local, the x86 "
        "Paddle-Lite of this host; qemu-arm64, an emulated ARM library.",
    )(inventory_option(limit_options(command)))


def limit_options(command: F) -> F:
    """Add ``--force`` and ``--time-limit``."""
    for option in (
        click.option(
            "--time-limit",
            type=FiniteRange(0.1, MAX_SECONDS),
            default=120.0,
            show_default=True,
            help="Seconds a single run may take.",
        ),
        click.option(
            "--force", is_flag=True, help="Run a bundle although it is known not to suit the device."
        ),
    ):
        command = option(command)
    return command


def pipeline_options(command: F) -> F:
    """Add ``--bundle``, ``--no-cls`` and ``--min-score``, of a pipeline that reads ``IMAGE...``."""
    for option in (
        click.option(
            "--min-score",
            type=FiniteRange(0, 1),
            default=0.5,
            show_default=True,
            help="Drop lines read with less.",
        ),
        click.option("--no-cls", is_flag=True, help="Do not look for upside-down lines."),
        click.option(
            "--bundle",
            "assignments",
            multiple=True,
            metavar="TASK=FOLDER",
            help="Bundle for det, cls or rec; default: PP-OCRv4.",
        ),
    ):
        command = option(command)
    return command


def input_option(command: F) -> F:
    """Add ``--input``."""
    return click.option(
        "--input",
        "file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE.npy",
        help="Input tensor of your own.",
    )(command)


def split_images(words: Iterable[str], assignments: Iterable[str]) -> tuple[list[str], dict[str, Path]]:
    """The images, and the folders of the bundles by task.

    Of ``--bundle det=A cls=B rec=C`` all but the first arrive among the images.

    Args:
        words: What arrived as images.
        assignments: What ``--bundle`` was given.

    Raises:
        InputError: See `parse_assignments`.
    """
    images: list[str] = []
    named = list(assignments)
    for word in words:
        (named if word.partition("=")[0] in TASKS and "=" in word else images).append(word)
    return images, parse_assignments(named)


def parse_assignments(words: Iterable[str]) -> dict[str, Path]:
    """Read ``TASK=FOLDER`` words.

    Raises:
        InputError: A word is not one, or a task is given twice.
    """
    folders: dict[str, Path] = {}
    for word in words:
        task, separator, folder = word.partition("=")
        if not separator or task not in TASKS or not folder:
            raise InputError(
                f"--bundle {word}", "is not TASK=FOLDER", "write det=FOLDER, cls=FOLDER or rec=FOLDER"
            )
        if task in folders:
            raise InputError(f"--bundle {word}", f"{task}= is given twice", "give each task once")
        folders[task] = Path(folder)
    return folders


def load_bundles(
    folders: dict[str, Path], *, use_cls: bool, target: str = "x86", quiet: bool = False
) -> dict[str, Bundle]:
    """Load the named bundles, and the default ones for tasks that are not named.

    Args:
        folders: The named ones by task.
        use_cls: Whether a classifier is wanted.
        target: What the default ones are to run on.
        quiet: Show nothing while they are made ready.

    Raises:
        BundleError: A named bundle cannot be used.
        SourceError: A default model cannot be had.
    """
    from deploy_tools.default_bundles import default_bundle
    from deploy_tools.reader import load_for

    bundles = {task: load_for(task, folder) for task, folder in folders.items()}
    wanted = [task for task in TASKS if use_cls or task != "cls"]
    missing = [task for task in wanted if task not in bundles]
    if missing:
        with nullcontext() if quiet else stderr_console().status("preparing the default models"):
            bundles.update({task: default_bundle(task, target=target) for task in missing})
    for bundle in bundles.values():
        for warning in bundle.manifest.warnings:
            warn(f"{bundle.folder}: {warning}")
    return {task: bundles[task] for task in wanted}
