"""Kinds of devices: what they say they can do, and what their shell and tools are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.devices_kit.adbd.device import AdbDevice

OLD = ("--no-shell-v2", "--no-stat-v2", "--max-data", "4096")
KINDS = ("newest", "android", "old android")
"""This machine's shell and tools; Android's own, mksh and toybox; the same without what Android 7 brought."""


def make_device(kind: str, folder: Path) -> AdbDevice:
    """A device of a kind; skips the test where this machine cannot have it."""
    if kind == "newest":
        return AdbDevice(folder)
    for tool in ("mksh", "toybox"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool} here (apt-get install {tool})")
    options = OLD if kind == "old android" else ()
    return AdbDevice(folder, "--shell", _shell(), *options, path=str(_tools(folder / "bin")))


def _shell() -> str:
    found = shutil.which("mksh")
    assert found is not None
    return found


def _tools(folder: Path) -> Path:
    """A folder with Android's tools under their names."""
    folder.mkdir(parents=True)
    toybox = shutil.which("toybox")
    assert toybox is not None
    for name in subprocess.run([toybox], capture_output=True, check=True).stdout.decode().split():
        (folder / name).symlink_to(toybox)
    (folder / "sh").symlink_to(_shell())
    return folder
