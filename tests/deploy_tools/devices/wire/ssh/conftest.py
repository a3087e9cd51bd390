"""Real SSH servers on loopback ports, and a home folder of the tests' own on this side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.wire.ssh.wire import SshWire
from tests.devices_kit import sshd
from tests.devices_kit.sshd import Client, Server

SERVERS = ("openssh", "openssh without sftp", "dropbear")


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """This side: its home folder, its key, no agent."""
    client = Client(tmp_path / "client")
    monkeypatch.setenv("HOME", str(client.home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return client


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """OpenSSH's server, for all tests."""
    if reason := sshd.missing():
        pytest.skip(reason)
    with sshd.openssh(tmp_path_factory.mktemp("sshd") / "server") as server:
        yield server


@pytest.fixture
def server(running: Server, client: Client) -> Server:
    """The same; it lets this test's client in and is known to it."""
    running.admits(client)
    client.knows(running)
    return running


@pytest.fixture
def wire(server: Server, client: Client) -> Iterator[SshWire]:
    """A wire to it."""
    opened = SshWire("pi", server.address(client))
    yield opened
    opened.close()


@pytest.fixture(params=SERVERS)
def any_server(request: pytest.FixtureRequest, tmp_path: Path, client: Client) -> Iterator[Server]:
    """Every kind of server: for what each of them has to do."""
    reason = sshd.missing_dropbear() if request.param == "dropbear" else sshd.missing()
    if reason:
        pytest.skip(reason)
    folder = tmp_path / "device"
    made = (
        sshd.dropbear(folder)
        if request.param == "dropbear"
        else sshd.openssh(folder, sftp=request.param == "openssh")
    )
    with made as server:
        server.admits(client)
        client.knows(server)
        yield server


@pytest.fixture
def any_wire(any_server: Server, client: Client) -> Iterator[SshWire]:
    """A wire to it."""
    opened = SshWire("pi", any_server.address(client))
    yield opened
    opened.close()
