"""The store over a real sshd: links that are cut anywhere, two hosts at once, a store that is full."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.devices.store.lock import hold, who_holds
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.ssh.wire import SshWire
from edge.errors import DeviceError
from edge.hashing import sha256_of
from tests.devices_kit.cut_proxy import CutProxy, cut_proxy
from tests.devices_kit.sshd import Client, Server, missing, openssh
from tests.processes import wait_until

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
CUTS = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with openssh(tmp_path_factory.mktemp("sshd") / "sshd") as running:
        yield running


@pytest.fixture
def client(tmp_path: Path, server: Server) -> Client:
    made = Client(tmp_path / "client")
    made.knows(server)
    server.admits(made)
    return made


@pytest.fixture
def proxy(server: Server, client: Client) -> Iterator[CutProxy]:
    with cut_proxy(server.port) as running:
        with client.known_hosts.open("a") as stream:
            stream.write(f"[127.0.0.1]:{running.port} {server.host_key_line}\n")
        yield running


@pytest.fixture
def open_ssh(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., SshWire]]:
    """``open_ssh(port)``: a wire to the server."""
    monkeypatch.setenv("HOME", str(client.home))
    opened = []

    def open_it(port: int | None = None) -> SshWire:
        opened.append(SshWire("pi4", replace(server.address(client), port=port or server.port)))
        return opened[-1]

    yield open_it
    for wire in opened:
        wire.close()


def test_a_push_that_is_cut_at_many_places(
    open_ssh: Callable[..., SshWire], proxy: CutProxy, server: Server, files: Mapping[str, Path]
) -> None:
    dice = random.Random(20)
    total = sum(path.stat().st_size for path in set(files.values()))
    wire = open_ssh(proxy.port)
    store = DeviceStore(wire, "cut h'ere $(x) é")
    root = Path(store.root())
    assert root == server.home / "cut h'ere $(x) é"
    expected = {sha256_of(path): path.read_bytes() for path in files.values()}
    again = 0
    for _ in range(CUTS):
        store.root()  # connected: what is cut is the push
        before = proxy.passed
        proxy.cut_after(dice.randrange(1, total))
        with pytest.raises(DeviceError, match=r"pi4: .*link broke") as error:
            store.push(files)
        assert "\n" not in error.value.one_line()
        for path in (root / "objects").iterdir():
            assert path.suffix == ".part" or path.read_bytes() == expected[path.name]
        cut_at = proxy.passed - before
        arrived = sum(path.stat().st_size for path in (root / "objects").iterdir())
        before = proxy.passed
        store.install("runner", files, ["-rf"])
        assert {path.name: path.read_bytes() for path in (root / "objects").iterdir()} == expected
        again += proxy.passed - before - (total - arrived)
        assert arrived <= cut_at + 1_000
        store.clean()
    # what is sent again is what was under way, connecting anew, and the questions
    assert again / CUTS < 120_000


def test_an_unchanged_push_is_one_round_trip(
    open_ssh: Callable[..., SshWire], files: Mapping[str, Path]
) -> None:
    wire = open_ssh()
    store = DeviceStore(wire, "again")
    store.push(files)
    store.install("runner", files, ["-rf"])
    before = wire.round_trips
    store.push(files)
    store.install("runner", files, ["-rf"])
    assert wire.round_trips == before + 2


def test_another_host_is_told_who_holds_the_lock(open_ssh: Callable[..., SshWire]) -> None:
    one, other = open_ssh(), open_ssh()
    with hold(one, "locked", "anna"):
        with pytest.raises(DeviceError, match=r"pi4: is in use by anna on .* for \d+ s; .*unlock pi4"):
            DeviceStore(other, "locked").clean()
        assert who_holds(one, "locked") is not None
    with hold(other, "locked", "bert"):
        pass
    assert who_holds(other, "locked") is None


def test_a_cut_link_gives_the_lock_back(open_ssh: Callable[..., SshWire], proxy: CutProxy) -> None:
    other = open_ssh()
    with hold(open_ssh(proxy.port), "locked", "anna", beat=0.1) as lock:
        assert not lock.lost
        proxy.cut()
        wait_until(lambda: lock.lost, 60, "the owner notices")
        wait_until(lambda: not getattr(who_holds(other, "locked"), "alive", False), 60, "the device notices")
        with hold(other, "locked", "bert"):
            pass


def test_a_link_that_falls_silent_gives_the_lock_back(
    open_ssh: Callable[..., SshWire], proxy: CutProxy
) -> None:
    """The host is gone, and nobody told the device."""
    other = open_ssh()
    with hold(open_ssh(proxy.port), "locked", "anna", beat=0.2, patience=2) as lock:
        proxy.fall_silent()
        wait_until(lambda: not getattr(who_holds(other, "locked"), "alive", False), 60, "the device gives up")
        with hold(other, "locked", "bert"):
            proxy.cut()
            wait_until(lambda: lock.lost, 60, "the owner notices")


def test_a_killed_host_gives_the_lock_back(
    open_ssh: Callable[..., SshWire], server: Server, client: Client
) -> None:
    code = """
import sys, time
from pathlib import Path
from deploy_tools.devices.inventory.entry import SshAddress
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.ssh.wire import SshWire
address = SshAddress("127.0.0.1", user=sys.argv[1], port=int(sys.argv[2]), identity=Path(sys.argv[3]))
with DeviceStore(SshWire("pi4", address), "locked").lock("anna"):
    print("held", flush=True)
    time.sleep(600)
"""
    address = server.address(client)
    words = [sys.executable, "-c", code, str(address.user), str(address.port), str(address.identity)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, cwd=Path(__file__).parents[4], env=os.environ
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"held\n"
        wire = open_ssh()
        holder = who_holds(wire, "locked")
        assert holder is not None
        assert (holder.owner, holder.alive) == ("anna", True)
        owner.kill()
    wait_until(lambda: not getattr(who_holds(wire, "locked"), "alive", False), 60, "the device notices")
    with hold(wire, "locked", "bert"):
        pass


def test_a_store_that_is_full(
    open_ssh: Callable[..., SshWire], mounted: Callable[[str], Path], files: Mapping[str, Path]
) -> None:
    """What df says is right when it is asked, and wrong soon after."""
    folder = mounted("size=12m")
    files["-rf"].write_bytes(os.urandom(8_000_000))  # far more than is under way at any time
    store = DeviceStore(open_ssh(), str(folder / "store"))
    root = Path(store.root())

    def fill(done: int, _: int) -> None:
        if done > 300_000 and not (folder / "other").exists():
            (folder / "other").touch()
            try:
                (folder / "other").write_bytes(b"x" * 13_000_000)
            except OSError:
                return

    with pytest.raises(DeviceError, match=r"became full while files were sent: .*No space.*clean pi4"):
        store.push(files, fill)
    assert list((root / "objects").iterdir()) == []
    (folder / "other").unlink()
    assert len(set(store.push(files).values())) == 9
