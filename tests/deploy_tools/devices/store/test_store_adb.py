"""The store over the real adb client and server, on phones of several ages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress
from deploy_tools.devices.store.lock import hold, who_holds
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.adb import AdbWire
from edge.errors import DeviceError
from edge.hashing import sha256_of
from tests.devices_kit.adbd.device import AdbDevice
from tests.devices_kit.adbd.kinds import KINDS, make_device
from tests.devices_kit.adbd.server import AdbServer, adb_server
from tests.devices_kit.cut_proxy import cut_proxy
from tests.processes import wait_until

CUTS = 20


@pytest.fixture(scope="module")
def adb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdbServer]:
    with adb_server(tmp_path_factory.mktemp("adb")) as server:
        yield server


@pytest.fixture(params=KINDS)
def phone(request: pytest.FixtureRequest, adb: AdbServer, tmp_path: Path) -> Iterator[AdbDevice]:
    with make_device(request.param, tmp_path / "phone") as device:
        yield device


@pytest.fixture
def open_adb(phone: AdbDevice) -> Iterator[Callable[[], AdbWire]]:
    """``open_adb()``: a wire to the phone."""
    opened = []

    def open_it() -> AdbWire:
        opened.append(AdbWire("pixel", AdbAddress(phone.serial)))
        return opened[-1]

    yield open_it
    for wire in opened:
        wire.close()


def test_push_install_and_clean(
    phone: AdbDevice, open_adb: Callable[[], AdbWire], files: Mapping[str, Path]
) -> None:
    wire = open_adb()
    store = DeviceStore(wire, "of $(x) 'é'")
    there = store.push(files)
    root = phone.tmp / "of $(x) 'é'"
    assert store.root() == "/data/local/tmp/of $(x) 'é'"
    for name, path in there.items():
        assert (root / "objects" / Path(path).name).read_bytes() == files[name].read_bytes()
    before = wire.round_trips
    store.push(files)
    assert wire.round_trips == before + 1
    folder = root / "runners" / Path(store.install("runner", files, ["-rf"])).name
    for name, path in files.items():
        assert (folder / name).read_bytes() == path.read_bytes()
    assert (folder / "-rf").stat().st_mode & 0o111
    with store.lock("anna"), pytest.raises(DeviceError, match=r"pixel: is in use by anna on .*unlock pixel"):
        DeviceStore(open_adb(), "of $(x) 'é'").clean()
    assert store.clean().objects == 9
    assert not [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("phone", ["newest"], indirect=True)
def test_a_push_that_is_cut_at_many_places(phone: AdbDevice, files: Mapping[str, Path]) -> None:
    dice = random.Random(20)
    total = sum(path.stat().st_size for path in set(files.values()))
    expected = {sha256_of(path): path.read_bytes() for path in files.values()}
    objects = phone.tmp / "cut h'ere $(x) é" / "objects"
    with cut_proxy(phone.port) as proxy:
        wire = AdbWire("pixel", AdbAddress(f"127.0.0.1:{proxy.port}"))
        store = DeviceStore(wire, objects.parent.name)
        for _ in range(CUTS):
            store.root()  # connected: what is cut is the push
            before = proxy.passed
            proxy.cut_after(dice.randrange(1, total))
            with pytest.raises(DeviceError, match=r"^pixel: .*the link broke") as error:
                store.push(files)
            assert "\n" not in error.value.one_line()
            for path in objects.iterdir():
                assert path.suffix == ".part" or path.read_bytes() == expected[path.name]
            arrived = sum(path.stat().st_size for path in objects.iterdir())
            assert arrived <= proxy.passed - before
            store.install("runner", files, ["-rf"])
            assert {path.name: path.read_bytes() for path in objects.iterdir()} == expected
            store.clean()
        wire.close()


def test_a_lock_ends_with_its_link_and_with_the_phone(
    phone: AdbDevice, adb: AdbServer, open_adb: Callable[[], AdbWire]
) -> None:
    wire = open_adb()
    with hold(wire, "locked", "anna", beat=0.2) as lock:
        assert not lock.lost
        phone.reboot()
        wait_until(lambda: lock.lost, 60, "the owner notices")
    other = open_adb()
    left = who_holds(other, "locked")
    assert left is None or not left.alive
    with hold(other, "locked", "bert", beat=0.2) as lock:
        holder = who_holds(other, "locked")
        assert holder is not None
        assert (holder.owner, holder.alive) == ("bert", True)
        adb.kill()
        wait_until(lambda: lock.lost, 60, "the owner notices")
    with hold(open_adb(), "locked", "carl"):
        pass
