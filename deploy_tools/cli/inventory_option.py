"""The option that names the inventory file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def inventory_option(command: F) -> F:
    """Add ``--inventory``, which :func:`deploy_tools.devices.inventory.reading.load_inventory` takes."""
    return click.option(
        "--inventory",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="File that names devices; default: PPOCR_EDGE_INVENTORY, or devices.yml of your own.",
    )(command)
