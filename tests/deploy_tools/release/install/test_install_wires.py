"""Releases over every kind of wire: OpenSSH without SFTP, Dropbear, adb of new and old phones."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry
from deploy_tools.devices.wire.adb.wire import AdbWire
from deploy_tools.devices.wire.ssh.wire import SshWire
from deploy_tools.release.install.outcome import InstallOptions
from edge.errors import DeviceError
from tests.devices_kit.adbd.device import TMP, AdbDevice
from tests.devices_kit.adbd.device import missing as missing_adb
from tests.devices_kit.adbd.kinds import KINDS, make_device
from tests.devices_kit.adbd.server import AdbServer, adb_server
from tests.devices_kit.sshd import Client, dropbear, missing, missing_dropbear, openssh
from tests.release_kit.installing import Place, Releases

pytestmark = pytest.mark.embedded
FOLDER = "of $(x) 'é'"
needs_adb = pytest.mark.skipif(missing_adb() is not None, reason=str(missing_adb()))


def goes_on_and_back(place: Place) -> None:
    """What a user does with a device."""
    assert place.install("1.0").previous == ""
    assert place.version() == "1.0"
    done = place.install("1.1")
    assert (place.version(), done.previous, done.notes) == ("1.1", "1.0", ())
    assert done.copied > 0
    assert place.roll_back().version == place.version() == "1.0"
    assert place.install("1.2").removed == ("1.1",)
    assert (place.version(), place.left(), list((place.root / "objects").iterdir())) == ("1.2", [], [])


@pytest.mark.parametrize("kind", ["openssh without sftp", "dropbear"])
def test_over_ssh(kind: str, releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := missing() if kind.startswith("openssh") else missing_dropbear():
        pytest.skip(reason)
    client = Client(tmp_path / "user")
    monkeypatch.setenv("HOME", str(client.home))
    server_of = dropbear(tmp_path / "d") if kind == "dropbear" else openssh(tmp_path / "d", sftp=False)
    with server_of as server:
        client.knows(server)
        server.admits(client)
        address = server.address(client)
        entry = DeviceEntry("pi4", address, folder=FOLDER)
        wire = SshWire("pi4", address)
        goes_on_and_back(Place(releases, server.home, lambda: wire, entry, server.home / FOLDER))


@pytest.fixture(scope="module")
def adb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdbServer]:
    with adb_server(tmp_path_factory.mktemp("adb")) as server:
        yield server


@pytest.fixture
def phone(request: pytest.FixtureRequest, adb: AdbServer, tmp_path: Path) -> Iterator[AdbDevice]:
    with make_device(request.param, tmp_path / "phone") as device:
        yield device


def over_adb(phone: AdbDevice, releases: Releases, **options: str) -> Place:
    address = AdbAddress(phone.serial)
    entry = DeviceEntry("pixel", address, folder=f"{TMP}/{FOLDER}", **options)  # type: ignore[arg-type]
    wire = AdbWire("pixel", address)
    return Place(releases, phone.tmp, lambda: wire, entry, phone.tmp / FOLDER)


@needs_adb
@pytest.mark.parametrize("phone", KINDS, indirect=True)
def test_over_adb(phone: AdbDevice, releases: Releases) -> None:
    goes_on_and_back(over_adb(phone, releases))


@pytest.fixture
def android(adb: AdbServer, tmp_path: Path) -> Iterator[AdbDevice]:
    """A phone of 64 bits, as it says."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "getprop").write_text("#!/bin/sh\necho arm64-v8a\n")
    (tools / "getprop").chmod(0o755)
    with AdbDevice(tmp_path / "phone", path=str(tools)) as device:
        yield device


@needs_adb
def test_what_a_phone_gets(android: AdbDevice, releases: Releases) -> None:
    place = over_adb(android, releases)
    done = place.install("1.0", InstallOptions())
    assert done.target == "android-assets"
    assert done.selftest.startswith("not run: no runner is in the release")
    there = (place.shelf / "current").resolve()
    names = {path.relative_to(there).as_posix() for path in there.rglob("*") if path.is_file()}
    assert names == set(releases.files("1.0", "android-assets"))
    assert "assets/ppocr/models/cls/model.nb" in names
    with pytest.raises(DeviceError, match=r"is android-arm64, .* package --target android"):
        place.install("1.1")


@needs_adb
@pytest.mark.arm
def test_a_phone_tries_its_models(
    android: AdbDevice, releases: Releases, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By the runner that is named for it, since there is no script among assets; here under emulation."""
    from deploy_tools.devices.emulated import emulated_runner, emulator_command

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        runner = emulated_runner()
    emulated = shlex.join([*emulator_command(), str(runner.folder / "ppocr_runner")])
    real = shlex.quote(sys.executable)
    program = tmp_path / "a python"
    text = (
        f'#!/bin/sh\ncase $1 in -c) exec {real} "$@";; esac\nshift\nset -- "$@" MORE\nexec {emulated} "$@"\n'
    )
    program.write_text(text.replace("MORE", "--tolerance 1e-12"))
    program.chmod(0o755)
    place = over_adb(android, releases, python=str(program))
    with pytest.raises(DeviceError, match=r"does not compute there what it should: cls FAIL .*differs by"):
        place.install("1.0", InstallOptions())
    assert (place.left(), list(place.shelf.glob("[!.]*"))) == ([], [])
    program.write_text(text.replace('set -- "$@" MORE\n', ""))
    assert place.install("1.0", InstallOptions()).selftest == "passed"
