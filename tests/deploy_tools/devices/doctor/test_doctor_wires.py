"""Probe and doctor over real wires: OpenSSH's server, and the adb server with Android's shell and tools."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.doctor.examine import CHECKS, examine_device
from deploy_tools.devices.doctor.finding import State
from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry, HostKeys
from deploy_tools.devices.probe.probe import probe_device
from deploy_tools.devices.several import ask_devices
from deploy_tools.devices.wire.open import open_wire
from edge.errors import DeviceError
from tests.devices_kit import sshd
from tests.devices_kit.adbd import device as adbd
from tests.devices_kit.adbd.kinds import KINDS, make_device
from tests.devices_kit.adbd.server import AdbServer
from tests.devices_kit.ports import HeldPort


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sshd.Server]:
    if (reason := sshd.missing()) is not None:
        pytest.skip(reason)
    with sshd.openssh(tmp_path / "server") as running:
        yield running


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sshd.Client:
    made = sshd.Client(tmp_path / "client")
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return made


def test_over_ssh(server: sshd.Server, client: sshd.Client) -> None:
    server.admits(client)
    entry = DeviceEntry("pi4", server.address(client, HostKeys.ACCEPT_NEW), python=sys.executable)
    ((_, findings),) = ask_devices([entry], examine_device)
    assert not isinstance(findings, Exception)
    assert [one.check for one in findings] == list(CHECKS)
    assert {one.state for one in findings if one.check != "speed"} == {State.OK}
    assert not list(server.home.glob(".ppocr-edge/.doctor*"))
    wire = open_wire(entry)
    probe = probe_device(wire, entry)
    before = wire.round_trips
    assert probe_device(wire, entry).folder == probe.folder == f"{server.home}/.ppocr-edge"
    assert wire.round_trips == before + 1
    wire.close()


def test_a_stranger_is_told_why(server: sshd.Server, client: sshd.Client) -> None:
    entry = DeviceEntry("pi4", server.address(client), python=sys.executable)
    ((_, findings),) = ask_devices([entry], examine_device)
    assert not isinstance(findings, Exception)
    assert (findings[0].check, findings[0].state) == ("connection", State.MEND)
    assert "key" in findings[0].found
    assert findings[0].remedy
    assert {one.state for one in findings[1:]} == {State.SKIPPED}


def test_a_broken_one_hides_no_other(server: sshd.Server, client: sshd.Client) -> None:
    server.admits(client)
    client.knows(server)
    well = DeviceEntry("well", server.address(client))
    with HeldPort() as nobody:
        broken = DeviceEntry("broken", sshd.SshAddress("127.0.0.1", sshd.USER, nobody, client.key))
        found = list(ask_devices([broken, well], probe_device))
    assert [entry.name for entry, _ in found] == ["broken", "well"]
    assert isinstance(found[0][1], DeviceError)
    assert not isinstance(found[1][1], DeviceError)


@pytest.fixture
def adb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AdbServer]:
    if (reason := adbd.missing()) is not None:
        pytest.skip(reason)
    server = AdbServer(tmp_path / "adb", monkeypatch)
    yield server
    server.close()


@pytest.mark.parametrize("kind", KINDS)
def test_over_adb(adb: AdbServer, tmp_path: Path, kind: str) -> None:
    folder = f"{tmp_path}/kept $(here) 'x'"
    with make_device(kind, tmp_path / "phone") as phone:
        entry = DeviceEntry("pixel", AdbAddress(phone.serial), folder=folder)
        ((_, findings),) = ask_devices([entry], examine_device)
        assert not isinstance(findings, Exception)
        states = {one.check: one for one in findings}
        assert states.pop("runner").state is State.MEND, "no library is named"
        assert states.pop("library").state is State.SKIPPED
        states.pop("speed")
        assert {one.state for one in states.values()} == {State.OK}, findings
        assert states["folder"].found == f"{folder} can be written"
    assert shutil.which("adb") is not None
    assert not Path(folder).exists()
