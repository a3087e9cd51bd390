"""How a native runner is started on Android: with its libraries found, whatever the names are."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.runner import NativeChoice
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.native.target import TARGETS


@pytest.mark.parametrize("target", ["android-arm64", "linux-arm64"])
def test_the_folder_of_the_libraries_is_told_to_android(tmp_path: Path, target: str) -> None:
    folder = tmp_path / "r d'd $(x)"
    folder.mkdir()
    program = folder / "ppocr_runner"
    program.write_text('#!/bin/sh\nprintf "%s|" "$LD_LIBRARY_PATH" "$@"\n')
    program.chmod(0o755)
    choice = NativeChoice(DeviceEntry("phone", HostAddress()), TARGETS[target], "")
    wire = HostWire("phone", tmp_path)
    done = wire.run([*choice.command(str(folder)), "--model", "m n.nb"])
    wire.close()
    told = str(folder) if target.startswith("android") else ""
    assert done.stdout.decode() == f"{told}|--model|m n.nb|"
