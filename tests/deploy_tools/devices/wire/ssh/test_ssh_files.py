"""Files over SSH, with and without SFTP, over links that break."""

from __future__ import annotations

import hashlib
import os
import random
import threading
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import SshAddress
from deploy_tools.devices.wire.ssh.wire import SshWire
from deploy_tools.devices.wire.wire import script
from edge.errors import DeviceError
from tests.devices_kit.cut_proxy import cut_proxy
from tests.devices_kit.sshd import USER, Client, Server
from tests.processes import nothing_left, open_files, wait_until

ODD = "a b'c\"d $(e) `f` \\ *\n~é日本"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of 3 MB."""
    path = tmp_path / "source"
    path.write_bytes(os.urandom(3_000_000))
    return path


def test_a_file_goes_there_and_back(
    any_wire: SshWire, any_server: Server, source: Path, tmp_path: Path
) -> None:
    there = any_server.home / os.fsdecode(ODD.encode() + b"\xff")
    seen: list[tuple[int, int]] = []
    any_wire.send(source, str(there), progress=lambda done, total: seen.append((done, total)))
    assert there.read_bytes() == source.read_bytes()
    assert seen[-1] == (3_000_000, 3_000_000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    seen.clear()
    any_wire.receive(str(there), tmp_path / ODD, progress=lambda done, total: seen.append((done, total)))
    assert (tmp_path / ODD).read_bytes() == source.read_bytes()
    assert seen[-1] == (3_000_000, 3_000_000)
    assert any_wire.round_trips == 2
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("size", [0, 1, 31 * 1024, 31 * 1024 + 1])
def test_small_files(any_wire: SshWire, any_server: Server, tmp_path: Path, size: int) -> None:
    (tmp_path / "small").write_bytes(bytes(size))
    there = any_server.home / "small"
    there.write_bytes(b"what was there before" * 10_000)
    any_wire.send(tmp_path / "small", str(there))
    assert there.read_bytes() == bytes(size)
    any_wire.receive(str(there), tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == bytes(size)


def test_a_file_is_resumed(any_wire: SshWire, any_server: Server, source: Path) -> None:
    there = any_server.home / "there"
    there.write_bytes(source.read_bytes()[:1_000_001] + b"to be overwritten" * 1_000_000)
    seen: list[int] = []
    any_wire.send(source, str(there), offset=1_000_001, progress=lambda done, _: seen.append(done))
    assert there.read_bytes() == source.read_bytes()
    assert min(seen) > 1_000_001


def test_what_is_not_there_cannot_be_resumed(any_wire: SshWire, any_server: Server, source: Path) -> None:
    there = any_server.home / "short"
    there.write_bytes(b"x" * 10)
    with pytest.raises(DeviceError, match=r"short cannot be written \(it has only 10 bytes, not 20\)"):
        any_wire.send(source, str(there), offset=20)
    assert there.read_bytes() == b"x" * 10


def test_refusals_say_why(any_wire: SshWire, any_server: Server, source: Path, tmp_path: Path) -> None:
    home = any_server.home
    for _ in range(2):  # the connection is as good as before
        with pytest.raises(DeviceError, match=r"^pi: .*/missing/x cannot be written \(.*nonexist|No such"):
            any_wire.send(source, str(home / "missing" / "x"))
        with pytest.raises(DeviceError, match=r"^pi: .*/missing cannot be read \(No such file"):
            any_wire.receive(str(home / "missing"), tmp_path / "back")
        with pytest.raises(DeviceError, match=r"^pi: .* cannot be read \(.*[Ii]s a directory"):
            any_wire.receive(str(home), tmp_path / "back")
        with pytest.raises(DeviceError, match=r"^pi: /dev/full cannot be written \(No space left on device"):
            any_wire.send(source, "/dev/full")
        with pytest.raises(DeviceError, match=r"^pi: .*/nothing cannot be read \(No such file"):
            any_wire.send(tmp_path / "nothing", str(home / "x"))
    assert not (tmp_path / "back").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    any_wire.send(source, str(home / "x"))
    with pytest.raises(DeviceError, match=r"^pi: .*/nowhere/back cannot be written \(No such file"):
        any_wire.receive(str(home / "x"), tmp_path / "nowhere" / "back")


def test_files_of_the_kernel(any_wire: SshWire, tmp_path: Path) -> None:
    any_wire.receive("/proc/version", tmp_path / "version")
    assert (tmp_path / "version").read_bytes() == Path("/proc/version").read_bytes()


def test_many_files_leave_nothing(any_wire: SshWire, any_server: Server, tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"x" * 1000)
    any_wire.send(tmp_path / "small", str(any_server.home / "0"))
    with nothing_left():
        for number in range(30):
            any_wire.send(tmp_path / "small", str(any_server.home / str(number)))
            any_wire.receive(str(any_server.home / str(number)), tmp_path / str(number))


@pytest.mark.timeout(600)
def test_a_link_that_is_cut_loses_nothing(any_server: Server, client: Client, source: Path) -> None:
    source.write_bytes(source.read_bytes()[:1_000_000])
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    choose = random.Random(4)
    with cut_proxy(any_server.port) as proxy:
        client.known_hosts.write_text(f"[127.0.0.1]:{proxy.port} {any_server.host_key_line}\n")
        address = SshAddress("127.0.0.1", user=USER, port=proxy.port, identity=client.key)
        wire = SshWire("pi", address)
        wire.run(["true"])
        files, threads = open_files(), threading.active_count()
        cuts = 0
        found: set[str] = set()
        for number in range(20 if any_server.command != "dropbear" else 6):
            there = any_server.home / f"part{number}"
            offset = 0
            proxy.cut_after(choose.randrange(1_000_000))
            try:
                wire.send(source, str(there))
            except DeviceError as error:
                cuts += 1
                found.add(error.found.split("while")[0])
                text = 'wc -c <"$1" 2>/dev/null || echo 0'
                proxy.cut_after(None)
                offset = int(wire.run(script(text, str(there))).stdout)
                assert offset <= 1_000_000
                assert source.read_bytes().startswith(there.read_bytes() if there.exists() else b"")
                wire.send(source, str(there), offset=offset)
            finally:
                proxy.cut_after(None)
            summed = wire.run(script('sha256sum <"$1"', str(there))).stdout
            assert summed.split()[0].decode() == digest
            there.unlink()
        assert cuts > number // 2
        assert found == {"the link broke "}
        # of the proxy's next connection; what served the last one may be about to end
        wait_until(lambda: threading.active_count() <= threads + 2, 60, "threads of broken links are gone")
        wait_until(lambda: open_files() <= files + 4, 60, "files of broken links are closed")
        wire.close()


def test_a_cut_while_receiving_leaves_no_file(any_server: Server, client: Client, tmp_path: Path) -> None:
    (any_server.home / "big").write_bytes(bytes(20_000_000))
    with cut_proxy(any_server.port) as proxy:
        client.known_hosts.write_text(f"[127.0.0.1]:{proxy.port} {any_server.host_key_line}\n")
        wire = SshWire("pi", SshAddress("127.0.0.1", user=USER, port=proxy.port, identity=client.key))
        (tmp_path / "back").write_bytes(b"of before")

        def cut(done: int, _: int) -> None:
            if done > 5_000_000:
                proxy.cut()

        with pytest.raises(DeviceError, match=r"^pi: the link broke while .*/big was received"):
            wire.receive(str(any_server.home / "big"), tmp_path / "back", progress=cut)
        wire.close()
    assert (tmp_path / "back").read_bytes() == b"of before"
    assert not list(tmp_path.glob(".*.part"))
