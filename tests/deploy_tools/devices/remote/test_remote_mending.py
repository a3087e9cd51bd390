"""The command that changes an entry leaves alone all else that is said of it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from deploy_tools.cli.main import main
from deploy_tools.devices.inventory.entry import (
    AdbAddress,
    DeviceEntry,
    HostAddress,
    HostKeys,
    SshAddress,
)
from deploy_tools.devices.inventory.reading import load_inventory
from deploy_tools.devices.inventory.writing import add_entry
from deploy_tools.devices.remote.mending import change_command

ENTRIES = [
    DeviceEntry("p i'4", SshAddress("10.0.0.7", "pi", 2222), folder="/data/a b", python="old", threads=2),
    DeviceEntry("box", SshAddress("box", ask_password=True), lite_home=Path("/old"), power_mode="high"),
    DeviceEntry("six", SshAddress("fe80::1", port=22, identity=Path("/key"), host_keys=HostKeys.ACCEPT_NEW)),
    DeviceEntry("tv", AdbAddress("10.0.0.9:5555")),
    DeviceEntry("here", HostAddress(), python="python3"),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_it_is_what_devices_add_reads(entry: DeviceEntry, tmp_path: Path) -> None:
    file, library = tmp_path / "devices.yml", tmp_path / "lite"
    library.mkdir()
    add_entry(file, entry)
    words = shlex.split(change_command(entry.name, f"--lite-home {library}"))
    assert words.pop(0) == "ppocr-edge"
    assert main([*words, "--no-probe", "--inventory", str(file)]) == 0
    changed = load_inventory(file).entries[entry.name]
    assert changed.lite_home == library
    for what in ("address", "folder", "python", "threads", "power_mode"):
        assert getattr(changed, what) == getattr(entry, what)
