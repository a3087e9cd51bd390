"""Ways to a device: ``~/.ssh/config``, jump hosts, proxies, and what is said where there is none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import HostKeys, SshAddress
from deploy_tools.devices.wire.ssh.config import read_config
from deploy_tools.devices.wire.ssh.patience import Patience
from deploy_tools.devices.wire.ssh.wire import SshWire
from deploy_tools.devices.wire.wire import script
from edge.errors import DeviceError, InputError
from tests.devices_kit import sshd
from tests.devices_kit.cut_proxy import cut_proxy
from tests.devices_kit.ports import HeldPort
from tests.devices_kit.refused import refused
from tests.devices_kit.sshd import USER, Client, Server
from tests.processes import alive, nothing_left, wait_until

# quick for a link that is silent, and longer than a busy machine lets one wait that is not
QUICK = Patience(beat=0.2, here=6, there=6)


@pytest.fixture(scope="module")
def jump(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A second server, through which the first is reached."""
    if reason := sshd.missing():
        pytest.skip(reason)
    with sshd.openssh(tmp_path_factory.mktemp("jump") / "server") as server:
        yield server


def test_the_configuration_says_all(server: Server, client: Client) -> None:
    (client.ssh / "more").mkdir()
    (client.ssh / "more" / "pi.conf").write_text(
        f"Host pi4\n  HostName 127.0.0.1\n  Port {server.port}\n  IdentityFile ~/.ssh/device_key\n"
    )
    client.configure(f"Include more/*.conf nothing\nUser {USER}\nHost other\n  Port 1\n")
    wire = SshWire("board", SshAddress("pi4"))
    assert wire.run(["echo", "in"]).stdout == b"in\n"
    assert wire.address == "ssh pi4"
    wire.close()


def test_what_is_included_keeps_to_its_block(client: Client) -> None:
    (client.ssh / "inner").write_text("Port 2\nHost b\n  Port 3\n")
    client.configure("Host a\n  Include inner\n  User u\nInclude = missing\nHost b\n  User v\n")
    config = read_config()
    assert (config.lookup("a")["port"], config.lookup("a")["user"]) == ("2", "u")
    assert (config.lookup("b")["port"], config.lookup("b")["user"]) == ("3", "v")
    assert "port" not in config.lookup("c")


def test_bad_configuration_is_told(server: Server, client: Client) -> None:
    client.configure("Host *\n  nonsense\n")
    assert refused(SshWire("pi", server.address(client))).startswith(
        f"pi: {client.ssh}/config: Unparsable line nonsense; mend that line"
    )
    client.configure("Host *\n  Port many\n")
    line = refused(SshWire("pi", SshAddress("127.0.0.1")))
    assert line.startswith("pi: what ~/.ssh/config says of 127.0.0.1 is not understood")
    client.configure("Include config\n")
    with pytest.raises(InputError, match="see whether it includes itself"):
        read_config()


def test_through_a_jump_host(server: Server, jump: Server, client: Client) -> None:
    jump.admits(client)
    client.knows(jump)
    client.configure(
        f"Host gate\n  HostName 127.0.0.1\n  Port {jump.port}\n  User {USER}\n  IdentityFile {client.key}\n"
        "Host pi4\n  HostName 127.0.0.1\n  ProxyJump gate\n"
    )
    with nothing_left():
        wire = SshWire("pi", SshAddress("pi4", user=USER, port=server.port, identity=client.key))
        data = bytes(range(256)) * 8000
        assert wire.run(["cat"], stdin=data, seconds=60).stdout == data
        assert jump.connections()
        jump.hang_up()
        wait_until(lambda: not server.connections(), 60, "the second connection is gone with the first")
        wait_until(lambda: not _fails(wire), 60, "it connects anew, once it has heard of that")
        assert wire.run(["echo", "again"]).stdout == b"again\n"
        wire.close()


def test_through_two_jump_hosts_in_their_order(server: Server, jump: Server, client: Client) -> None:
    jump.admits(client)
    client.knows(jump)
    # the second name is resolved by the first host: only in this order does it lead anywhere
    client.configure(
        f"Host first second\n  HostName 127.0.0.1\n  User {USER}\n  IdentityFile {client.key}\n"
        f"Host first\n  Port {jump.port}\nHost second\n  Port {server.port}\n"
        "Host pi4\n  HostName 127.0.0.1\n  ProxyJump first,second\n"
    )
    wire = SshWire("pi", SshAddress("pi4", user=USER, port=server.port, identity=client.key))
    finished = wire.run(script("cat /proc/net/tcp | wc -l; echo $SSH_CONNECTION"))
    wire.close()
    assert finished.exit.code == 0
    # the log says through which port each came
    assert f"for {USER} from" in jump.log.read_text()


def test_an_unknown_key_of_a_jump_host_isrefused(server: Server, jump: Server, client: Client) -> None:
    jump.admits(client)
    client.configure(f"Host pi4\n  HostName 127.0.0.1\n  ProxyJump {USER}@127.0.0.1:{jump.port}\n")
    address = SshAddress("pi4", user=USER, port=server.port, identity=client.key)
    assert "the host key of 127.0.0.1 is not known" in refused(SshWire("pi", address))


def test_a_jump_host_that_cannot_get_there(jump: Server, client: Client) -> None:
    jump.admits(client)
    client.knows(jump)
    client.configure(
        f"IdentityFile {client.key}\n"
        f"Host pi4\n  HostName 127.0.0.1\n  ProxyJump {USER}@127.0.0.1:{jump.port}\n"
    )
    with HeldPort() as port:
        line = refused(SshWire("pi", SshAddress("pi4", user=USER, port=port)))
    assert line.startswith(f"pi: 127.0.0.1 does not connect on to 127.0.0.1, port {port} (")


def test_jumps_in_a_circle(client: Client) -> None:
    client.configure("Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n")
    assert "leads in a circle" in refused(SshWire("pi", SshAddress("a")))


def test_through_a_command(server: Server, client: Client) -> None:
    relay = client.home / "relay.py"
    relay.write_text(
        "import socket, sys, threading, os\n"
        "s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "def pump():\n"
        "    while d := s.recv(65536): os.write(1, d)\n"
        "    os._exit(0)\n"
        "threading.Thread(target=pump, daemon=True).start()\n"
        "while d := os.read(0, 65536): s.sendall(d)\n"
    )
    client.configure(
        f"Host pi4\n  HostName 127.0.0.1\n  ProxyCommand {sys.executable} {relay} %h {server.port}\n"
    )
    # known_hosts speaks of the port that was asked for
    address = SshAddress("pi4", user=USER, port=server.port, identity=client.key)
    with nothing_left():
        wire = SshWire("pi", address)
        assert wire.run(["cat"], stdin=b"x" * 1_000_000).stdout == b"x" * 1_000_000
        wire.close()
    client.configure("Host pi4\n  HostName 127.0.0.1\n  ProxyCommand echo oh no >&2; exit 1\n")
    line = refused(SshWire("pi", address))
    assert "does not speak SSH with us (ProxyCommand " in line
    assert "oh no" in line


def test_nothing_there(client: Client) -> None:
    with HeldPort() as port:
        line = refused(SshWire("pi", SshAddress("127.0.0.1", port=port)))
    assert line.startswith(f"pi: nothing answers at 127.0.0.1, port {port}; see whether it is on")
    line = refused(SshWire("pi", SshAddress("no-such-host.invalid")))
    assert line.startswith("pi: no-such-host.invalid is no known host; ")


def test_somebody_else_there(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        wire = SshWire("pi", SshAddress("127.0.0.1", port=port))
        with pytest.raises(DeviceError, match=rf"^pi: 127.0.0.1, port {port} does not speak SSH with us \("):
            wire.run(["true"])
        thread.join()


def test_a_server_that_went_away_and_came_back(client: Client, tmp_path: Path) -> None:
    with sshd.openssh(tmp_path / "first") as server:
        server.admits(client)
        client.knows(server)
        wire = SshWire("pi", server.address(client))
        assert wire.run(["true"]).exit.code == 0
        server.stop()
        wait_until(lambda: _fails(wire), 60, "it is found out")
        assert "nothing answers at" in refused(wire)
        server.start_again()
        assert wire.run(["true"]).exit.code == 0
        wire.close()


def test_a_link_that_falls_silent_is_given_up_on_both_sides(server: Server, client: Client) -> None:
    with cut_proxy(server.port) as proxy:
        client.known_hosts.write_text(f"[127.0.0.1]:{proxy.port} {server.host_key_line}\n")
        address = SshAddress("127.0.0.1", user=USER, port=proxy.port, identity=client.key)
        wire = SshWire("pi", address, patience=QUICK)
        process = wire.start(script("echo $$; sleep 600 & exec sleep 601"))
        there = int(os.read(process.stdout, 100))
        time.sleep(QUICK.here + 1)  # silence of the process is none of the link
        assert process.wait(0) is None
        proxy.fall_silent()
        began = time.monotonic()
        with pytest.raises(DeviceError, match=r"^pi: the link broke while .* \(nothing was heard for"):
            wire.run(["sleep", "600"], seconds=600)
        assert time.monotonic() - began < 90
        wait_until(lambda: not alive(there), 60, "the device gave up too")
        proxy.speak_again()
        assert wire.run(["echo", "again"]).stdout == b"again\n"
        wire.close()


def test_what_an_earlier_link_left_is_ended_by_the_next(server: Server, client: Client) -> None:
    with cut_proxy(server.port) as proxy:
        client.known_hosts.write_text(f"[127.0.0.1]:{proxy.port} {server.host_key_line}\n")
        address = SshAddress("127.0.0.1", user=USER, port=proxy.port, identity=client.key)
        wire = SshWire("pi", address, patience=Patience(beat=0.2, here=5, there=1000))
        process = wire.start(script("echo $$; exec sleep 600"))
        there = int(os.read(process.stdout, 100))
        proxy.fall_silent()
        with pytest.raises(DeviceError):
            wire.run(["sleep", "600"], seconds=600)
        assert alive(there)
        proxy.speak_again()
        wire.run(["true"])
        assert not alive(there)
        wire.close()


def test_nothing_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys\n"
        "from deploy_tools.devices.inventory.entry import DeviceEntry, SshAddress\n"
        "from deploy_tools.devices.wire.open import open_wire\n"
        "wire = open_wire(DeviceEntry('pi', SshAddress('10.0.0.7', user='pi')))\n"
        "assert wire.address == 'ssh pi@10.0.0.7'\n"
        "assert not {'paramiko', 'fabric', 'cryptography'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_new_keys_of_two_devices_at_once(server: Server, jump: Server, client: Client) -> None:
    client.known_hosts.unlink()
    jump.admits(client)
    wires = [SshWire(str(each.port), each.address(client, HostKeys.ACCEPT_NEW)) for each in (server, jump)]
    threads = [threading.Thread(target=wire.run, args=(["true"],)) for wire in wires]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.known_hosts.read_text().count("\n") == 2
    for wire in wires:
        wire.close()


def _fails(wire: SshWire) -> bool:
    try:
        wire.run(["true"])
    except DeviceError:
        return True
    return False
