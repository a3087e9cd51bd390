"""Writing a file that a user named: whole or not at all, and never over what is read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import InputError


def check_replaces_none(
    option: str, out: Path, targets: Iterable[Path], files: Iterable[Path], *, kind: str = "image"
) -> None:
    """Make sure that nothing that is written takes the place of a file that is read.

    Args:
        option: The option that names what is written, for the message.
        out: What it names.
        targets: The files that will be written.
        files: The files that are read.
        kind: What those are, for the message.

    Raises:
        InputError: One would.
    """
    read = {os.path.realpath(path): path for path in files}
    for target in targets:
        if (file := read.get(os.path.realpath(target))) is not None:
            raise InputError(f"{option} {out}", f"would replace the {kind} {file}", "choose another place")


@contextmanager
def written_whole(option: str, target: Path) -> Iterator[Path]:
    """A file beside the target to write to, which takes its place at the end of the block.

    Folders above it are made; a file that is there is replaced once the new one is whole. Where the block
    fails nothing is left of it.

    Args:
        option: The option that names the target, for the message.
        target: The file.

    Raises:
        InputError: It cannot be written.
    """
    unfinished = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        os.replace(unfinished, target)  # noqa: PTH105
    except (OSError, ValueError) as error:
        raise InputError(
            f"{option} {target}",
            f"cannot be written ({getattr(error, 'strerror', None) or error})",
            "choose another place",
        ) from None
    finally:
        with contextlib.suppress(OSError, ValueError):
            unfinished.unlink()
