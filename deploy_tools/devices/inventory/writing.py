"""Changing an inventory file, in one step, without disturbing what else stands in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.inventory.inventory import Inventory
from deploy_tools.devices.inventory.names import check_name
from deploy_tools.devices.inventory.reading import parse_inventory, read_inventory_text
from deploy_tools.devices.inventory.splice import with_entry, without_entry
from edge.errors import InputError

PATIENCE: Final = 10.0
"""Seconds to wait for another process that writes."""
_POLL: Final = 0.05


def add_entry(path: Path, entry: DeviceEntry, *, replace: bool = False) -> None:
    """Add a device to an inventory file, which is made where there is none.

    Args:
        path: The file.
        entry: The device.
        replace: Whether it may take the place of another of its name.

    Raises:
        InputError: The name cannot be one, or is taken; or the file cannot be read or written.
    """
    _rewrite(path, lambda text: _with(text, path, entry, replace=replace))


def check_entry(path: Path, entry: DeviceEntry, *, replace: bool = False) -> None:
    """Make sure that an entry could be added, before more is done with it.

    Raises:
        InputError: As `add_entry`.
    """
    parse_inventory(_with(read_inventory_text(path), path, entry, replace=replace), path)


def _with(text: str, path: Path, entry: DeviceEntry, *, replace: bool) -> str:
    check_name(entry.name)
    if entry.name in parse_inventory(text, path) and not replace:
        raise InputError(
            f"device {entry.name}",
            f"is in {path} already",
            "choose another name, or replace it with --replace",
        )
    return with_entry(text, path, entry)


def remove_entry(path: Path, name: str) -> DeviceEntry:
    """Remove a device from an inventory file; the device itself is not touched.

    Returns:
        What was removed.

    Raises:
        InputError: It is not there, or the file cannot be read or written.
    """
    removed = []

    def change(text: str) -> str:
        removed.append(Inventory(path, parse_inventory(text, path)).find(name, "device"))
        return without_entry(text, path, name)

    _rewrite(path, change)
    return removed[0]


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Replace the text of a file by what a function makes of it; one process at a time.

    A reader sees the old file or the new one. Of a link, the file behind it is replaced.
    """
    try:
        file = path.resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        with _alone(file):
            text = change(read_inventory_text(path))
            parse_inventory(text, path)
            _replace(file, text.encode())
    except (OSError, RuntimeError) as error:  # RuntimeError: links that go round in circles
        found = getattr(error, "strerror", None) or error
        if isinstance(error, FileExistsError):
            found = "its folder is a file"
        raise InputError(
            path, f"cannot be written ({found})", "check its folder's permissions and free space"
        ) from None


def _replace(file: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".new", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileNotFoundError):
            Path(name).chmod(stat.S_IMODE(file.stat().st_mode))
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold a lock on the file's folder, and sweep away what a killed process left."""
    descriptor = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _take(descriptor, file)
        for left in file.parent.glob(f".{_literal(file.name)}.*.new"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, file: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up:
                raise InputError(
                    file, f"another process has been writing it for {PATIENCE:g} s", "end it, or try again"
                ) from None
            time.sleep(_POLL)
        else:
            return


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
