"""Devices: this host with several shells and sets of tools; file systems that are small or forbid things."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire
from tests.deploy_tools.devices.store.wires import TOOLS, ToolWire
from tests.devices_kit.mounting import mounting

# kind of device -> shell, the program that is all its tools, tools it lacks
KINDS = {
    "dash": (["dash"], None, ()),
    "bash": (["bash", "--posix"], None, ()),
    "busybox": (["busybox", "sh"], "busybox", ()),
    "android": (["mksh"], "toybox", ()),
    "bare": (["busybox", "sh"], "busybox", ("sha256sum", "tar", "df", "du", "ln")),
}
HOSTILE = "höme of 'x' \"y\"\n$(touch pwned) `touch pwned` \\n *"


def tools_folder(folder: Path, program: str, lacking: tuple[str, ...] = ()) -> Path:
    """A folder of nothing but the store's tools."""
    folder.mkdir()
    for name in TOOLS:
        if name not in lacking:
            (folder / name).symlink_to(program)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of a device, with a name that no shell likes."""
    folder = tmp_path / HOSTILE
    folder.mkdir()
    return folder


@pytest.fixture
def host(home: Path) -> Iterator[HostWire]:
    """This host as a device."""
    wire = HostWire("pi4", home)
    yield wire
    wire.close()


@pytest.fixture
def make_device(tmp_path: Path, host: HostWire) -> Callable[[str], Wire]:
    """``make_device(kind)``: this host with the shell and the tools of another."""

    def make(kind: str) -> Wire:
        shell, program, lacking = KINDS[kind]
        found = shutil.which(shell[0])
        tools = program and shutil.which(program)
        if found is None or (program and tools is None):
            pytest.skip(f"{shell[0]} or {program} is not installed (apt-get install busybox mksh toybox)")
        if not tools:
            return ToolWire(host, [found, *shell[1:]], os.environ["PATH"])
        folder = tools_folder(tmp_path / f"tools-{kind}", tools, lacking)
        return ToolWire(host, [found, *shell[1:]], str(folder))

    return make


@pytest.fixture(params=["dash", "busybox", "android"])
def shell(request: pytest.FixtureRequest, make_device: Callable[[str], Wire]) -> Wire:
    """A device with each kind of shell."""
    return make_device(request.param)


@pytest.fixture(params=KINDS)
def device(request: pytest.FixtureRequest, make_device: Callable[[str], Wire]) -> Wire:
    """A device of each kind."""
    return make_device(request.param)


@pytest.fixture
def store(host: HostWire) -> DeviceStore:
    """The store of this host as a device."""
    return DeviceStore(host, None)


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, Path]:
    """Small and large files by names that no shell likes; two of one content, one of none."""
    folder = tmp_path / "local"
    folder.mkdir()
    found = {}
    for number in range(8):
        path = folder / f"{number} of '$(x)'"
        path.write_bytes(os.urandom(number * 5000))
        found[f"sub/of $(touch pwned)/{number} 'a'\n\"b\" `c` \\n é *"] = path
    found["again"] = folder / "7 of '$(x)'"
    found["-rf"] = folder / "large"
    found["-rf"].write_bytes(os.urandom(1_500_000))
    return found


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """``mounted(options)``: a file system in memory with these options."""
    with mounting(tmp_path / "mounted") as mount:
        yield mount
