"""What goes wrong with Android devices and adb: said in a line, mended, and nothing left."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress
from deploy_tools.devices.wire.adb import AdbWire
from deploy_tools.devices.wire.adb.attach import state_error
from deploy_tools.devices.wire.wire import script
from edge.errors import DeviceError
from tests.devices_kit.adbd.device import TMP, AdbDevice
from tests.devices_kit.adbd.kinds import OLD
from tests.devices_kit.adbd.server import AdbServer
from tests.devices_kit.ports import HeldPort
from tests.processes import command_line, nothing_left, wait_until

OpenPhone = Callable[..., tuple[AdbDevice, AdbWire]]
both_kinds = pytest.mark.parametrize("options", [(), OLD], ids=["new", "old"])


def _when_it_sleeps(device: AdbDevice, act: Callable[[], object]) -> threading.Thread:
    """Do something as soon as ``sleep 600`` runs on a device: while a command runs, however long it took."""

    def wait() -> None:
        wait_until(lambda: _sleeping(device), 120, "it sleeps")
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def _sleeping(device: AdbDevice) -> bool:
    return any(command_line(pid)[:2] == ["sleep", "600"] for pid in device.processes())


def _quiet(device: AdbDevice) -> bool:
    return not device.processes() and not list(device.tmp.glob(".ppocr-edge-*"))


def test_a_device_that_has_not_allowed_this_host(adb: AdbServer, open_phone: OpenPhone) -> None:
    device, wire = open_phone("--unauthorized")
    for _ in range(2):  # known to the server or not
        with pytest.raises(DeviceError, match=r"^pixel: 127.0.0.1:\d+ has not allowed this host") as caught:
            wire.run(["true"])
        assert "accept 'Allow USB debugging'" in caught.value.remedy
    device.stop()
    device.options.remove("--unauthorized")
    device.start()
    assert wire.run(["echo", "allowed"]).stdout == b"allowed\n"


def test_a_port_that_stays_silent(adb: AdbServer, open_phone: OpenPhone) -> None:
    device, wire = open_phone("--silent")
    with pytest.raises(DeviceError, match=r"^pixel: (adb cannot connect to|127.*does not answer)") as caught:
        wire.run(["true"])
    assert caught.value.remedy
    device.stop()
    device.options.remove("--silent")
    device.start()
    assert wire.run(["echo", "there"]).stdout == b"there\n"


def test_a_port_where_nothing_listens(adb: AdbServer) -> None:
    refused = r"^pixel: adb cannot connect to 127.0.0.1:{} \(Connection refused\); see that"
    with HeldPort() as port:
        wire = AdbWire("pixel", AdbAddress(f"127.0.0.1:{port}"))
        with pytest.raises(DeviceError, match=refused.format(port)):
            wire.run(["true"])


def test_a_host_that_does_not_exist(adb: AdbServer) -> None:
    wire = AdbWire("pixel", AdbAddress("no-such-host.invalid:5555"))
    with pytest.raises(
        DeviceError, match=r"^pixel: adb cannot connect to no-such-host.invalid:5555 \(.+\); "
    ):
        wire.start(["true"])


def test_a_serial_that_is_not_attached(adb: AdbServer, open_phone: OpenPhone) -> None:
    device, wire = open_phone()
    wire.run(["true"])
    lost = AdbWire("pixel", AdbAddress("0A1B2C"))
    with pytest.raises(DeviceError, match=rf"^pixel: adb sees no device 0A1B2C \(it sees .*{device.serial}"):
        lost.run(["true"])
    assert len(lost.address) > 0


def test_each_of_several_devices_is_the_right_one(adb: AdbServer, open_phone: OpenPhone) -> None:
    phones = [open_phone(name=name) for name in ("one", "two", "three")]
    for device, _ in phones:
        (device.tmp / "who").write_text(device.serial)
    for device, wire in (*phones, *phones):
        assert wire.run(["cat", f"{TMP}/who"]).stdout.decode() == device.serial
    assert "more than one device" in adb.adb("shell", "true")


def test_a_serial_without_address(adb: AdbServer, open_phone: OpenPhone) -> None:
    """As USB devices have them: an emulator announces itself to the server by its port."""
    device, _ = open_phone()
    adb.adb("start-server")  # no test before this one may have needed it
    with socket.create_connection(("127.0.0.1", adb.port)) as server:
        request = b"host:emulator:%d" % device.port
        server.sendall(b"%04x" % len(request) + request)
        server.recv(8)
    serial = f"emulator-{device.port - 1}"
    wait_until(lambda: f"{serial}\tdevice" in adb.adb("devices"), 60, "it is attached")
    wire = AdbWire("pixel", AdbAddress(serial))
    assert wire.run(["echo", "emulated"]).stdout == b"emulated\n"
    device.stop()
    wait_until(lambda: f"{serial}\tdevice" not in adb.adb("devices"), 60, "the server notices")
    with pytest.raises(DeviceError, match=rf"^pixel: (adb sees no device {serial}|{serial} is attached but)"):
        wire.run(["true"])


@both_kinds
def test_a_restart_during_a_command(open_phone: OpenPhone, options: tuple[str, ...]) -> None:
    device, wire = open_phone(*options)
    with nothing_left():
        wire.run(["true"])
        rebooting = _when_it_sleeps(device, device.reboot)
        with pytest.raises(
            DeviceError, match=r"^pixel: the link broke during sleep, and what ran there was ended"
        ):
            wire.run(["sleep", "600"], seconds=200)
        rebooting.join()
        assert wire.run(["echo", "again"]).stdout == b"again\n"
        wait_until(
            lambda: len(list(device.tmp.glob(".ppocr-edge-*"))) == 1, 60, "one keeper's folder is left"
        )
        wire.close()
    wait_until(lambda: _quiet(device), 60, "nothing is left there")


@both_kinds
def test_a_restart_during_a_conversation(open_phone: OpenPhone, options: tuple[str, ...]) -> None:
    device, wire = open_phone(*options)
    process = wire.start(script("echo hello; echo words >&2; cat"))
    assert os.read(process.stdout, 100) == b"hello\n"
    wait_until(lambda: process.words() == "words\n", 60, "its words come")
    device.reboot()
    assert os.read(process.stdout, 100) == b""
    with pytest.raises(DeviceError, match=r"^pixel: the link broke during sh|exit code|^pixel: .*gone"):
        process.wait(60)
    assert process.words() == "words\n"
    process.end()
    assert wire.run(["echo", "again"]).stdout == b"again\n"


@both_kinds
def test_a_command_that_the_device_kills_takes_no_other_along(
    open_phone: OpenPhone, options: tuple[str, ...]
) -> None:
    """As a phone does that is short of memory."""
    device, wire = open_phone(*options)
    process = wire.start(["cat"])
    os.write(process.stdin, b"here\n")
    assert os.read(process.stdout, 100) == b"here\n"
    before = device.processes()

    def kill_the_youngest() -> None:
        for pid in sorted(device.processes() - before):
            os.kill(pid, signal.SIGKILL)

    killing = _when_it_sleeps(device, kill_the_youngest)
    if options:
        with pytest.raises(DeviceError, match=r"^pixel: sleep was ended without a word by the device; "):
            wire.run(["sleep", "600"], seconds=200)
    else:
        assert wire.run(["sleep", "600"], seconds=200).exit.code == -signal.SIGKILL
    killing.join()
    os.write(process.stdin, b"still here\n")
    assert os.read(process.stdout, 100) == b"still here\n"
    process.end()


def test_a_write_to_a_process_that_is_gone_fails(open_phone: OpenPhone) -> None:
    device, wire = open_phone()
    process = wire.start(["cat"])
    device.stop()
    assert os.read(process.stdout, 100) == b""
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        os.write(process.stdin, b"x")
    process.end()


@both_kinds
def test_a_restart_between_two_commands_is_not_noticed(
    open_phone: OpenPhone, options: tuple[str, ...]
) -> None:
    device, wire = open_phone(*options)
    for number in range(2):
        assert wire.run(["echo", "there"]).stdout == b"there\n"
        if not number:
            device.reboot()


@both_kinds
def test_the_server_is_killed_during_a_command(
    adb: AdbServer, open_phone: OpenPhone, options: tuple[str, ...]
) -> None:
    device, wire = open_phone(*options)
    wire.run(["true"])
    killing = _when_it_sleeps(device, adb.kill)
    with pytest.raises(DeviceError, match=r"^pixel: the adb server of this host ended.*; run it again"):
        wire.run(["sleep", "600"], seconds=200)
    killing.join()
    wait_until(lambda: _quiet(device), 60, "nothing is left there")
    assert wire.run(["echo", "again"]).stdout == b"again\n"  # by a new server


def test_the_server_is_killed_during_a_conversation(adb: AdbServer, open_phone: OpenPhone) -> None:
    device, wire = open_phone()
    process = wire.start(script('trap "" HUP; echo hello; sleep 600 & cat; sleep 601'))
    assert os.read(process.stdout, 100) == b"hello\n"
    adb.kill()
    assert os.read(process.stdout, 100) == b""
    with pytest.raises(DeviceError, match=r"^pixel: the adb server of this host ended"):
        process.wait(60)
    process.end()
    wait_until(lambda: _quiet(device), 60, "nothing is left there")


def test_a_transfer_cut_at_any_offset_goes_on_from_there(
    adb: AdbServer, open_phone: OpenPhone, tmp_path: Path
) -> None:
    device, wire = open_phone()
    data = random.Random(7).randbytes(6_000_000)
    (tmp_path / "source").write_bytes(data)
    there = device.tmp / "part"

    def arrived() -> bytes:
        return there.read_bytes() if there.exists() else b""  # the link was cut before it was made

    cuts = sorted(random.Random(8).sample(range(len(data)), 12))
    for cut in cuts:

        def cutting(count: int, _: int, cut: int = cut) -> None:
            if count >= cut:
                adb.adb("disconnect", device.serial)

        offset = len(arrived())
        if offset >= cut:
            continue
        with pytest.raises(DeviceError, match=rf"^pixel: the link broke during the transfer of {TMP}/part"):
            wire.send(tmp_path / "source", f"{TMP}/part", offset=offset, progress=cutting)
        wait_until(lambda: _quiet(device), 60, "nobody writes any more")
        assert arrived() == data[: len(arrived())]
    assert arrived()
    wire.send(tmp_path / "source", f"{TMP}/part", offset=len(arrived()))
    assert there.read_bytes() == data


@both_kinds
def test_a_restart_during_transfers(open_phone: OpenPhone, options: tuple[str, ...], tmp_path: Path) -> None:
    device, wire = open_phone(*options)
    (tmp_path / "source").write_bytes(os.urandom(3_000_000))
    with pytest.raises(DeviceError, match=r"^pixel: .*link broke|^pixel: adb cannot connect"):
        wire.send(
            tmp_path / "source", f"{TMP}/x", progress=lambda count, _: count > 500_000 and device.stop()
        )
    device.start()
    wire.send(tmp_path / "source", f"{TMP}/x")
    with (device.tmp / "big").open("wb") as big:
        big.truncate(64_000_000)
    with pytest.raises(DeviceError, match=r"^pixel: the link broke during the transfer of"):
        wire.receive(f"{TMP}/big", tmp_path / "back", progress=lambda count, _: device.stop())
    assert [path.name for path in tmp_path.glob("*back*")] == []
    device.start()
    wire.receive(f"{TMP}/x", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "source").read_bytes()


def test_no_adb_is_installed(adb: AdbServer, monkeypatch: pytest.MonkeyPatch, open_phone: OpenPhone) -> None:
    _, wire = open_phone()
    adb.kill()
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        with pytest.raises(DeviceError, match=r"^pixel: needs adb, which is not installed here .*; apt-get"):
            wire.run(["true"])
    assert wire.run(["true"]).exit.code == 0


def test_something_else_listens_where_the_server_should(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(other.getsockname()[1]))

        def hang_up() -> None:
            while True:
                try:
                    other.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(DeviceError, match=r"^pixel: the adb server cannot be started \(.+\); see what"):
            AdbWire("pixel", AdbAddress("0A1B2C")).run(["true"])
        other.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("variable", "value"), [("ANDROID_ADB_SERVER_PORT", "many"), ("ADB_SERVER_SOCKET", "localfilesystem:/x")]
)
def test_a_variable_that_names_no_server(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(
        DeviceError, match=rf"^pixel: {variable} is '{value}', not the place of an adb server; unset"
    ):
        AdbWire("pixel", AdbAddress("0A1B2C")).run(["true"])


def test_an_address_without_its_port_is_explained() -> None:
    assert state_error("pixel", "10.0.0.9", None, {}).remedy.startswith("write 10.0.0.9:5555, with the port")


@pytest.mark.parametrize(
    ("state", "found", "remedy"),
    [
        ("no permissions (missing udev rules?)", "this user may not use X", "plugdev"),
        ("offline", "X is attached but does not answer (offline)", "plug it in again"),
        ("recovery", "X is in the state 'recovery'", "let it start Android"),
        (None, "adb sees no device X (it sees nothing)", "switch on USB debugging"),
    ],
)
def test_states_are_explained(state: str | None, found: str, remedy: str) -> None:
    error = state_error("pixel", "X", state, {})
    assert error.found.startswith(found)
    assert remedy in error.remedy


def test_a_device_folder_that_cannot_be_written(open_phone: OpenPhone) -> None:
    device, wire = open_phone()
    shutil.rmtree(device.tmp)  # deleted in the namespace too: nothing can be made in it
    with pytest.raises(
        DeviceError, match=r"^pixel: no command can be started on .* \(cannot write to /data/"
    ):
        wire.run(["true"])


def test_what_a_keeper_of_another_host_keeps_is_left_alone(open_phone: OpenPhone) -> None:
    device, wire = open_phone()
    other = AdbWire("other host", AdbAddress(device.serial))
    process = other.start(["cat"])
    assert wire.run(["true"]).exit.code == 0
    wire.close()
    os.write(process.stdin, b"still here\n")
    assert os.read(process.stdout, 100) == b"still here\n"
    other.close()
    wait_until(lambda: _quiet(device), 60, "nothing is left there")


def test_two_programs_may_start_the_server_at_once(adb: AdbServer, open_phone: OpenPhone) -> None:
    device, _ = open_phone()
    adb.kill()
    program = (
        "import sys; from deploy_tools.devices.wire.adb import AdbWire;"
        "from deploy_tools.devices.inventory.entry import AdbAddress;"
        "print(AdbWire('x', AdbAddress(sys.argv[1])).run(['echo', 'fine']).stdout.decode(), end='')"
    )
    hosts = [
        subprocess.Popen([sys.executable, "-c", program, device.serial], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [host.communicate(timeout=200)[0] for host in hosts] == [b"fine\n"] * 3


@pytest.fixture(autouse=True)
def _quick_end(adb: AdbServer) -> Iterator[None]:
    """No test finds what another left with the server."""
    yield
    if adb.pid() is not None:
        adb.adb("disconnect")


@both_kinds
def test_a_full_device_can_be_tidied_up(adb: AdbServer, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "source").write_bytes(os.urandom(2_000_000))
    with AdbDevice(tmp_path / "phone", *options, room="1m") as device:
        wire = AdbWire("pixel", AdbAddress(device.serial))
        full = rf"^pixel: {TMP}/big cannot be written \(.*[Nn]o space left.*\); .* free space$"
        with pytest.raises(DeviceError, match=full):
            wire.send(tmp_path / "source", f"{TMP}/big")
        assert wire.run(["df", TMP]).exit.code == 0
        if options:
            with pytest.raises(DeviceError, match=rf"^pixel: cat cannot be started.*make room in {TMP}$"):
                wire.run(["cat"], stdin=b"x" * 5000)
        assert wire.run(["rm", f"{TMP}/big"]).exit.code == 0
        (tmp_path / "source").write_bytes(b"small")
        wire.send(tmp_path / "source", f"{TMP}/small")
        assert wire.run(["cat", f"{TMP}/small"]).stdout == b"small"
        wire.close()
