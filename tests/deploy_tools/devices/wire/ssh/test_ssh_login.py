"""Logging in over SSH: keys, the agent, passwords, and what is said where nothing does."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.devices.wire.ssh.wire import SshWire
from tests.devices_kit import sshd
from tests.devices_kit.refused import refused
from tests.devices_kit.sshd import USER, Client, Server, make_key
from tests.processes import wait_until

RIGHT = "correct horse é"


@pytest.fixture(scope="module")
def taking_passwords(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with accounts of its own, of which it takes the password."""
    if reason := sshd.missing_password():
        pytest.skip(reason)
    with sshd.openssh(tmp_path_factory.mktemp("password") / "server", password=RIGHT) as server:
        yield server


class Person:
    """Answers questions with what it was given, in turn."""

    def __init__(self, *answers: str) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self._answers.pop(0)


def _nobody(_: str) -> str:
    raise OSError("no terminal")


def test_a_missing_identity_is_told(server: Server, client: Client) -> None:
    wire = SshWire("pi", replace(server.address(client), identity=client.ssh / "nothing"))
    assert refused(wire).startswith(f"pi: identity {client.ssh}/nothing cannot be read (No such file")


def test_an_identity_that_is_none_is_told(server: Server, client: Client) -> None:
    wire = SshWire("pi", replace(server.address(client), identity=client.key.with_suffix(".pub")))
    assert "device_key.pub is no private key that can be used here" in refused(wire)


def test_a_wrong_key_is_told_with_what_was_tried(server: Server, client: Client) -> None:
    wrong = make_key(client.ssh / "id_rsa", kind="rsa")
    wire = SshWire("pi", replace(server.address(client), identity=None))
    line = refused(wire)
    assert line.startswith(
        f"pi: does not let {USER}@127.0.0.1 in: it takes publickey; tried {wrong}; put a key"
    )


def test_without_any_key(server: Server, client: Client) -> None:
    wire = SshWire("pi", replace(server.address(client), identity=None))
    assert "there was no key to try" in refused(wire)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_default_keys_are_found(server: Server, client: Client, kind: str) -> None:
    key = make_key(client.ssh / f"id_{kind}", kind=kind)
    server.authorized.write_text(key.with_suffix(".pub").read_text())
    wire = SshWire("pi", replace(server.address(client), identity=None))
    assert wire.run(["true"]).exit.code == 0
    wire.close()


def test_too_many_keys_are_told(client: Client, tmp_path: Path) -> None:
    with sshd.openssh(tmp_path / "impatient", options=["MaxAuthTries 2"]) as server:
        client.knows(server)
        names = [make_key(client.ssh / f"key{number}") for number in range(4)]
        client.configure("Host *\n" + "".join(f"  IdentityFile {name}\n" for name in names))
        wire = SshWire("pi", replace(server.address(client), identity=None))
        line = refused(wire)
    assert re.search(r"hung up after \d keys: .*key0.*; name the right one as the device's identity", line)


def test_the_agent_is_asked(server: Server, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with _agent(monkeypatch):
        subprocess.run(["ssh-add", "-q", str(client.key)], check=True, capture_output=True)
        client.key.unlink()  # its public half stays: so the right one of the agent's keys is known
        for identity in (None, client.key):
            wire = SshWire("pi", replace(server.address(client), identity=identity), ask=_nobody)
            assert wire.run(["true"]).exit.code == 0
            wire.close()
        client.configure("Host *\n  IdentitiesOnly yes\n")
        wire = SshWire("pi", replace(server.address(client), identity=None))
        assert "there was no key to try" in refused(wire)


def test_a_dead_agent_is_no_obstacle(server: Server, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(client.ssh / "nothing"))
    wire = SshWire("pi", server.address(client))
    assert wire.run(["true"]).exit.code == 0
    wire.close()


def test_a_passphrase_is_asked_for_once(server: Server, client: Client) -> None:
    key = make_key(client.ssh / "locked", passphrase=RIGHT)
    server.authorized.write_text(key.with_suffix(".pub").read_text())
    person = Person("wrong", RIGHT)
    wire = SshWire("pi", replace(server.address(client), identity=key), ask=person)
    assert wire.run(["true"]).exit.code == 0
    wire.close()
    assert wire.run(["true"]).exit.code == 0  # connected anew
    wire.close()
    assert person.asked == [f"pi: passphrase of {key}: "] * 2


def test_wrong_passphrases_and_nobody_to_ask(server: Server, client: Client) -> None:
    key = make_key(client.ssh / "locked", passphrase=RIGHT)
    address = replace(server.address(client), identity=key)
    assert f"the passphrase of {key} is wrong" in refused(SshWire("pi", address, ask=Person("a", "b", "c")))
    line = refused(SshWire("pi", address, ask=_nobody))
    assert f"the passphrase of {key} is needed, and there is no terminal" in line
    # one of several is passed over
    client.configure(f"Host *\n  IdentityFile {key}\n  IdentityFile {client.key}\n")
    wire = SshWire("pi", replace(address, identity=None), ask=_nobody)
    assert wire.run(["true"]).exit.code == 0
    wire.close()


def test_the_password_is_asked_for_once(taking_passwords: Server, client: Client) -> None:
    client.knows(taking_passwords)
    person = Person("wrong", RIGHT)
    address = replace(taking_passwords.address(client), ask_password=True)
    wire = SshWire("pi", address, ask=person)
    assert wire.run(["echo", "in"]).stdout == b"in\n"
    wire.close()
    assert wire.run(["true"]).exit.code == 0
    wire.close()
    assert person.asked == [f"pi: password of {USER}@127.0.0.1: "] * 2


def test_wrong_passwords_are_told(taking_passwords: Server, client: Client) -> None:
    client.knows(taking_passwords)
    address = replace(taking_passwords.address(client), ask_password=True)
    line = refused(SshWire("pi", address, ask=Person("a", "b", "c")))
    assert line.startswith(f"pi: does not let {USER}@127.0.0.1 in: the password is wrong; ")
    assert "the password of" in refused(SshWire("pi", address, ask=_nobody))
    line = refused(SshWire("pi", replace(address, ask_password=False), ask=_nobody))
    assert "it takes publickey, password" in line
    assert "ask_password" in line


def test_a_key_comes_before_the_password(taking_passwords: Server, client: Client) -> None:
    client.knows(taking_passwords)
    taking_passwords.admits(client)
    address = replace(taking_passwords.address(client), ask_password=True)
    wire = SshWire("pi", address, ask=_nobody)
    assert wire.run(["true"]).exit.code == 0
    wire.close()
    taking_passwords.authorized.write_text("")


def test_key_and_password_together(client: Client, tmp_path: Path) -> None:
    if reason := sshd.missing_password():
        pytest.skip(reason)
    options = ["AuthenticationMethods publickey,password"]
    with sshd.openssh(tmp_path / "strict", password=RIGHT, options=options) as server:
        server.admits(client)
        client.knows(server)
        address = replace(server.address(client), ask_password=True)
        wire = SshWire("pi", address, ask=Person(RIGHT))
        assert wire.run(["true"]).exit.code == 0
        wire.close()


def test_a_person_is_asked_at_the_terminal(taking_passwords: Server, client: Client) -> None:
    client.knows(taking_passwords)
    code = (
        "import sys\n"
        "from deploy_tools.devices.inventory.entry import SshAddress\n"
        "from deploy_tools.devices.wire.ssh.wire import SshWire\n"
        "wire = SshWire('pi', SshAddress('127.0.0.1', sys.argv[1], int(sys.argv[2]), ask_password=True))\n"
        "print(wire.run(['echo', 'in']).stdout)\n"
        "wire.close()\n"
    )
    ours, theirs = pty.openpty()
    said = bytearray()
    command = [sys.executable, "-c", code, USER, str(taking_passwords.port)]
    with subprocess.Popen(
        ["setsid", "-c", *command], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    ) as host:
        os.close(theirs)
        reader = threading.Thread(target=_collect, args=(ours, said), daemon=True)
        reader.start()
        wait_until(lambda: b"password of" in said, 120, "it asks")
        os.write(ours, RIGHT.encode() + b"\n")
        assert host.wait(120) == 0
        reader.join(60)
    os.close(ours)
    assert b"b'in\\n'" in said
    assert RIGHT.encode() not in said


def _collect(descriptor: int, into: bytearray) -> None:
    try:
        while data := os.read(descriptor, 1000):
            into += data
    except OSError:  # how Linux says that the other side of a terminal is gone
        pass


class _agent:  # noqa: N801  (a context manager)
    """A real agent for a block."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def __enter__(self) -> None:
        said = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
        for name, value in re.findall(r"(SSH_\w+)=([^;]+);", said):
            self._patch.setenv(name, value)

    def __exit__(self, *_: object) -> None:
        subprocess.run(["ssh-agent", "-k"], check=True, capture_output=True)
