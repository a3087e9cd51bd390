"""Keys of SSH servers: known, unknown, changed, revoked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import HostKeys
from deploy_tools.devices.wire.ssh.known_hosts import KnownHosts, host_name
from deploy_tools.devices.wire.ssh.wire import SshWire
from tests.devices_kit import sshd
from tests.devices_kit.refused import refused
from tests.devices_kit.sshd import USER, Client, Server, make_key


@pytest.fixture
def stranger(running: Server, client: Client) -> Server:
    """A server that lets us in, and that we do not know."""
    running.admits(client)
    return running


def _refused(server: Server, client: Client, keys: HostKeys = HostKeys.STRICT) -> str:
    return refused(SshWire("pi", server.address(client, keys)))


def _works(server: Server, client: Client, keys: HostKeys = HostKeys.STRICT) -> None:
    wire = SshWire("pi", server.address(client, keys))
    assert wire.run(["true"]).exit.code == 0
    wire.close()


def test_an_unknown_key_is_refused_with_its_fingerprint(stranger: Server, client: Client) -> None:
    shown = subprocess.run(
        ["ssh-keygen", "-lf", str(stranger.host_key)], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    line = _refused(stranger, client)
    assert line.startswith(f"pi: the host key of 127.0.0.1 is not known: ssh-ed25519 {shown}; ")
    assert f"'ssh -p {stranger.port} 127.0.0.1'" in line
    assert "accept-new" in line
    assert not client.known_hosts.exists()


def test_a_new_key_is_accepted_where_that_was_chosen(
    stranger: Server, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    client.configure("HashKnownHosts no\n")  # which Debian's own configuration sets
    _works(stranger, client, HostKeys.ACCEPT_NEW)
    said = capsys.readouterr().err
    assert said.startswith(f"pi: took the host key of 127.0.0.1 into {client.known_hosts}: ssh-ed25519 SHA")
    assert client.known_hosts.read_text() == f"[127.0.0.1]:{stranger.port} {stranger.host_key_line}\n"
    assert client.known_hosts.stat().st_mode & 0o777 == 0o600
    _works(stranger, client)
    _works(stranger, client, HostKeys.ACCEPT_NEW)
    assert not capsys.readouterr().err
    assert client.known_hosts.read_text().count("\n") == 1
    _openssh_knows(stranger, client)


@pytest.mark.parametrize("keys", HostKeys)
def test_a_changed_key_is_refused_whatever_was_chosen(
    stranger: Server, client: Client, tmp_path: Path, keys: HostKeys
) -> None:
    other = make_key(tmp_path / "other").with_suffix(".pub").read_text()
    client.known_hosts.write_text(f"# comment\n[127.0.0.1]:{stranger.port} {other}")
    before = client.known_hosts.read_text()
    line = _refused(stranger, client, keys)
    assert f"but {client.known_hosts}:2 says ssh-ed25519 SHA256:" in line
    assert f"'ssh-keygen -f {client.known_hosts} -R '\"'\"'[127.0.0.1]:{stranger.port}'\"'\"''" in line or (
        f"-R [127.0.0.1]:{stranger.port}" in line.replace("'", "")
    )
    assert client.known_hosts.read_text() == before


@pytest.mark.parametrize("keys", HostKeys)
def test_a_key_of_another_kind_is_a_changed_one(
    stranger: Server, client: Client, tmp_path: Path, keys: HostKeys
) -> None:
    other = make_key(tmp_path / "other", kind="ecdsa").with_suffix(".pub").read_text()
    client.known_hosts.write_text(f"[127.0.0.1]:{stranger.port} {other}")
    assert "somebody may be in between" in _refused(stranger, client, keys)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_the_server_is_asked_for_the_key_that_is_known(client: Client, tmp_path: Path, kind: str) -> None:
    keys = {name: make_key(tmp_path / name, kind=name) for name in ("rsa", "ecdsa")}
    with sshd.openssh(tmp_path / "sshd", options=[f"HostKey {key}" for key in keys.values()]) as server:
        keys["ed25519"] = server.host_key
        server.admits(client)
        public = " ".join(keys[kind].with_suffix(".pub").read_text().split()[:2])
        client.known_hosts.write_text(f"[127.0.0.1]:{server.port} {public}\n")
        _works(server, client)


def test_a_revoked_key_is_refused(stranger: Server, client: Client) -> None:
    client.knows(stranger)
    with client.known_hosts.open("a") as stream:
        stream.write(f"@revoked * {stranger.host_key_line}\n")
    line = _refused(stranger, client, HostKeys.ACCEPT_NEW)
    assert f"is revoked ({client.known_hosts}:2)" in line


def test_the_configuration_says_where_and_under_which_name(
    stranger: Server, client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "my hosts"
    client.configure(
        f'Host *\n  UserKnownHostsFile "{file}"\n  HostKeyAlias Board\n  HashKnownHosts yes\n'
        "  StrictHostKeyChecking no\n"
    )
    assert "is not known" in _refused(stranger, client)  # what the configuration allows is not our choice
    _works(stranger, client, HostKeys.ACCEPT_NEW)
    _works(stranger, client)
    assert "oard" not in file.read_text()
    found = subprocess.run(["ssh-keygen", "-F", "board", "-f", str(file)], capture_output=True, text=True)
    assert stranger.host_key_line in found.stdout


def test_keys_that_openssh_wrote_are_known(stranger: Server, client: Client) -> None:
    client.knows(stranger)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(client.known_hosts)], check=True, capture_output=True)
    assert "127.0.0.1" not in client.known_hosts.read_text()
    _works(stranger, client)


def test_a_file_that_cannot_be_read_is_told(stranger: Server, client: Client) -> None:
    client.known_hosts.mkdir()
    assert _refused(stranger, client).startswith(
        f"pi: {client.known_hosts}: cannot be read (Is a directory); see its permissions"
    )


@pytest.mark.parametrize(
    ("patterns", "named"),
    [
        ("[box]:22022", True),
        ("other,[BOX]:22022", True),
        ("box", False),
        ("[box]:22", False),
        ("[b*]:22022", True),
        ("[b?x]:22022", True),
        ("[box]:2202?,![box]:22022", False),
        ("*", True),
        ("[!b]ox", False),
    ],
)
def test_patterns(tmp_path: Path, patterns: str, named: bool) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(
        f"\n# {patterns} ssh-rsa AAAA\n{patterns} ssh-rsa AAAA comment\n@cert-authority * x AAAA\nx\n"
    )
    known = KnownHosts([tmp_path / "missing", file])
    assert [key.place for key in known.of(host_name("Box", 22022))] == ([f"{file}:3"] if named else [])


def test_a_line_is_added_after_one_without_an_end(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "known_hosts"
    known = KnownHosts([file])
    known.add("a", "ssh-rsa", b"key")
    file.write_text(file.read_text().rstrip("\n"))
    known.add("b", "ssh-rsa", b"key", hashed=True)
    assert len(known.of("a")) == len(known.of("b")) == 1
    assert not known.of("c")


def _openssh_knows(server: Server, client: Client) -> None:
    command = ["ssh", "-F", "none", "-i", str(client.key), "-p", str(server.port), "-o", "BatchMode=yes"]
    command += ["-o", f"UserKnownHostsFile={client.known_hosts}", "-o", "StrictHostKeyChecking=yes"]
    subprocess.run([*command, f"{USER}@127.0.0.1", "true"], check=True)
