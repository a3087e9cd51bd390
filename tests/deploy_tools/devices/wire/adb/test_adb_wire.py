"""Commands, processes and files over adb: the real client's server, on devices of every kind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress
from deploy_tools.devices.wire.adb import AdbWire
from deploy_tools.devices.wire.wire import script
from edge.errors import DeviceError, DeviceTimeoutError, InputError
from tests.devices_kit.adbd.device import TMP, AdbDevice
from tests.devices_kit.conversation import converse
from tests.processes import alive, command_line, nothing_left, wait_until, zombies

ODD = "a b'c\"d $(e) `f` \\g\n*é日%s"
EVERY_BYTE = bytes(range(256))


def _keeper_alone(wire: AdbWire, phone: AdbDevice) -> set[int]:
    """What runs on a device where only the wire's keeper is left."""
    wire.run(["true"])
    found: set[int] = set()

    def alone() -> bool:
        # this very reading counts: what tidies up after the command may start behind it
        nonlocal found
        found = phone.processes()
        return len(found) == 1

    wait_until(alone, 60, "only the keeper runs")
    return found


def test_a_command_gets_its_words_as_they_are(wire: AdbWire) -> None:
    text = 'cat; for word in "$@"; do printf "%s|" "$word"; done; pwd; printf %s "$HOME" >&2; exit 3'
    finished = wire.run(script(text, ODD, "", "-n", "$1"), stdin=EVERY_BYTE)
    assert finished.stdout == EVERY_BYTE + f"{ODD}||-n|$1|{TMP}\n".encode()
    assert finished.stderr == TMP.encode()
    assert finished.exit.code == 3


def test_what_a_command_reads_and_prints_is_not_cut(wire: AdbWire) -> None:
    data = os.urandom(1_500_000)
    finished = wire.run(script("cat; cat /dev/null; echo end >&2"), stdin=data)
    assert finished.stdout == data
    assert finished.stderr == b"end\n"
    assert wire.run(["cat"]).stdout == b""


@pytest.mark.parametrize(("command", "code"), [(["no-such-program"], 127), (["/etc/passwd"], 126)])
def test_what_cannot_be_run_ends_as_a_shell_says_it(wire: AdbWire, command: list[str], code: int) -> None:
    finished = wire.run(command)
    assert finished.exit.code == code
    assert command[0].encode() in finished.stderr


@pytest.mark.parametrize(("code", "meant"), [(0, 0), (1, 1), (128, 128), (255, 255), (134, -signal.SIGABRT)])
def test_exit_codes_are_told(wire: AdbWire, code: int, meant: int) -> None:
    assert wire.run(script(f"exit {code}")).exit.code == meant


def test_a_signal_is_told(wire: AdbWire) -> None:
    assert str(wire.run(script("kill -ABRT $$")).exit) == "ended by SIGABRT"
    assert wire.run(script("kill -9 $$")).exit.code == -9


def test_a_command_longer_than_a_packet_is_run(wire: AdbWire) -> None:
    words = [ODD * 40] * 100
    finished = wire.run(script('cat; printf "%s" "$@"', *words), stdin=b"in")
    assert finished.stdout == b"in" + "".join(words).encode()


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(wire: AdbWire, phone: AdbDevice) -> None:
    quiet = _keeper_alone(wire, phone)
    with pytest.raises(DeviceTimeoutError, match=r"^pixel: sh did not end within 0.5 s, and was ended; "):
        wire.run(script("sleep 600 & sleep 601; wait"), seconds=0.5)
    wait_until(lambda: phone.processes() == quiet, 60, "nothing of it runs")
    assert wire.run(["echo", "next"]).stdout == b"next\n"


def test_a_process_is_talked_to(wire: AdbWire) -> None:
    process = converse(wire)
    ended = process.wait(0)
    assert process.words() == "bad\n"
    process.end()
    assert process.words() == "bad\n"
    assert process.wait(0) == ended


def test_a_process_that_cannot_be_started_says_so(wire: AdbWire) -> None:
    process = wire.start(["/no/such program"])
    ended = process.wait(60)
    assert ended is not None
    assert ended.code == 127
    assert "/no/such program" in process.words()
    process.end()


def test_tensors_go_both_ways_at_once(wire: AdbWire) -> None:
    data = os.urandom(2_000_000)
    process = wire.start(["cat"])
    os.set_blocking(process.stdin, False)
    came, sent = bytearray(), 0
    end = time.monotonic() + 200
    while len(came) < len(data):
        assert time.monotonic() < end
        writing = [process.stdin] if sent < len(data) else []
        ready, room, _ = select.select([process.stdout], writing, [], 60)
        if room:
            sent += os.write(process.stdin, data[sent : sent + 100_000])
        if ready:
            came += os.read(process.stdout, 1 << 20)
    assert came == data
    process.end()


def test_an_ended_process_leaves_nothing_there_or_here(wire: AdbWire, phone: AdbDevice) -> None:
    quiet = _keeper_alone(wire, phone)
    with nothing_left():
        started = [wire.start(script("echo $$; sleep 600 & sleep 601; wait")) for _ in range(3)]
        for process in started:
            assert os.read(process.stdout, 100).strip().isdigit()
        assert len(phone.processes()) > len(quiet)
        for process in started:
            process.end()
            process.end()
            ended = process.wait(0)
            assert ended is not None
            assert ended.code == -9
        wait_until(lambda: phone.processes() == quiet, 60, "nothing of them runs")


def test_a_process_that_nobody_listens_to_can_be_ended(wire: AdbWire, phone: AdbDevice) -> None:
    quiet = _keeper_alone(wire, phone)
    process = wire.start(script("echo talking >&2; cat /dev/zero"))
    wait_until(lambda: process.words() == "talking\n", 60, "its words come")
    time.sleep(0.2)
    process.end()
    wait_until(lambda: phone.processes() == quiet, 60, "nothing of it runs")


def test_only_the_last_words_are_kept(wire: AdbWire) -> None:
    process = wire.start(script("head -c 200000 /dev/zero >&2; echo end >&2"))
    assert process.wait(60) is not None
    assert len(process.words()) == 64 * 1024
    assert process.words().endswith("\0end\n")
    process.end()


def test_a_closed_wire_leaves_nothing_and_opens_again(wire: AdbWire, phone: AdbDevice) -> None:
    process = wire.start(["sleep", "60"])
    wire.close()
    wait_until(lambda: not phone.processes(), 60, "nothing runs there")
    wait_until(lambda: not list(phone.tmp.glob(".ppocr-edge-*")), 60, "nothing is kept there")
    process.end()
    assert wire.run(["echo", "again"]).stdout == b"again\n"


def test_nothing_there_outlives_us(phone: AdbDevice, tmp_path: Path) -> None:
    program = (
        "import sys; from deploy_tools.devices.wire.adb import AdbWire;"
        "from deploy_tools.devices.inventory.entry import AdbAddress;"
        "from deploy_tools.devices.wire.wire import script;"
        "wire = AdbWire('x', AdbAddress(sys.argv[1]));"
        "wire.start(script('trap \"\" HUP; sleep 600 & sleep 601; wait'));"
        "print('started', flush=True); wire.run(['sleep', '602'], seconds=600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, phone.serial], stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"started\n"
        wait_until(lambda: len(phone.processes()) >= 4, 60, "all of it runs")
        host.kill()
    wait_until(lambda: not phone.processes(), 60, "nothing runs there")
    wait_until(lambda: not list(phone.tmp.glob(".ppocr-edge-*")), 60, "nothing is kept there")


def test_ctrl_c_ends_the_command_there(wire: AdbWire, phone: AdbDevice) -> None:
    quiet = _keeper_alone(wire, phone)

    def press() -> None:
        # by its argument: the keeper starts others now and then, and too early a Ctrl-C would end all tests
        wait_until(
            lambda: any("603" in command_line(pid) for pid in phone.processes()), 120, "the command runs"
        )
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    with pytest.raises(KeyboardInterrupt):
        wire.run(["sleep", "603"], seconds=200)
    pressing.join()
    wait_until(lambda: phone.processes() == quiet, 60, "nothing of it runs")


def test_files_are_sent_and_received(wire: AdbWire, tmp_path: Path) -> None:
    data = os.urandom(700_000)
    (tmp_path / "source").write_bytes(data)
    there, seen = f"{TMP}/{ODD}", list[tuple[int, int]]()
    wire.send(tmp_path / "source", there, progress=lambda *counts: seen.append(counts))
    assert seen == sorted(seen)
    assert seen[-1] == (len(data), len(data))
    seen.clear()
    wire.receive(there, tmp_path / "back", progress=lambda *counts: seen.append(counts))
    assert (tmp_path / "back").read_bytes() == data
    assert seen[-1] == (len(data), len(data))
    wire.run(["rm", there])


def test_a_file_is_made_anew_and_an_empty_one_too(wire: AdbWire, phone: AdbDevice, tmp_path: Path) -> None:
    for data in (b"longer than", EVERY_BYTE, b"", b"x"):
        (tmp_path / "source").write_bytes(data)
        wire.send(tmp_path / "source", f"{TMP}/anew")
        assert (phone.tmp / "anew").read_bytes() == data
        wire.receive(f"{TMP}/anew", tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == data


def test_a_file_is_sent_from_an_offset_on(wire: AdbWire, phone: AdbDevice, tmp_path: Path) -> None:
    data = os.urandom(300_000)
    (tmp_path / "source").write_bytes(data)
    seen = list[tuple[int, int]]()
    for offset in (1, 299_999, 300_000):
        (phone.tmp / "part").write_bytes(data[:offset])
        wire.send(tmp_path / "source", f"{TMP}/part", offset=offset, progress=lambda *n: seen.append(n))
        assert (phone.tmp / "part").read_bytes() == data
    assert set(seen) == {(300_000, 300_000)}  # what was there already counts


@pytest.mark.parametrize("there", [b"12345", None])
def test_a_wrong_offset_is_refused(
    wire: AdbWire, phone: AdbDevice, tmp_path: Path, there: bytes | None
) -> None:
    (tmp_path / "source").write_bytes(b"0123456789")
    (phone.tmp / "part").unlink(missing_ok=True)
    if there is not None:
        (phone.tmp / "part").write_bytes(there)
    with pytest.raises(DeviceError, match=r"part cannot be written \(.*it holds (5|no) bytes, not 4\)"):
        wire.send(tmp_path / "source", f"{TMP}/part", offset=4)
    assert there is None or (phone.tmp / "part").read_bytes() == there


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (f"{TMP}/no folder/file", "No such file|nonexistent|cannot create"),
        (TMP, "directory|Directory"),
        ("/dev/full", "No space left on device"),
    ],
)
def test_what_cannot_be_written_is_said(wire: AdbWire, tmp_path: Path, target: str, reason: str) -> None:
    (tmp_path / "source").write_bytes(os.urandom(2_000_000))
    with pytest.raises(DeviceError, match=rf"^pixel: {target} cannot be written \(.*({reason}).*\); "):
        wire.send(tmp_path / "source", target)


def test_what_cannot_be_read_is_said(wire: AdbWire, tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"as it was")
    with pytest.raises(DeviceError, match=rf"^pixel: {TMP}/none cannot be read \(.*No such file.*\); "):
        wire.receive(f"{TMP}/none", tmp_path / "target")
    with pytest.raises(DeviceError, match=rf"^pixel: {TMP} cannot be read \(.*directory.*\); "):
        wire.receive(TMP, tmp_path / "target")
    with pytest.raises(DeviceError, match=r"a path of \d+ bytes, adb takes 1024"):
        wire.receive(TMP + "/x" * 600, tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_files_here_that_are_not_there_are_said(wire: AdbWire, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none: cannot be read \(No such file or directory\); "):
        wire.send(tmp_path / "none", f"{TMP}/x")
    with pytest.raises(InputError, match=r"back: cannot be written \(No such file or directory\); "):
        wire.receive("/etc/passwd", tmp_path / "no folder" / "back")


def test_names_with_nul_are_refused(wire: AdbWire, tmp_path: Path) -> None:
    for refused in (
        lambda: wire.run(["echo", "a\0b"]),
        lambda: wire.start(["a\0b"]),
        lambda: wire.receive("/a\0b", tmp_path / "x"),
    ):
        with pytest.raises(DeviceError, match=r"^pixel: .* holds a NUL character; "):
            refused()


def test_names_that_are_no_text_survive(wire: AdbWire, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe name")
    (tmp_path / "source").write_bytes(b"data")
    wire.send(tmp_path / "source", f"{TMP}/{name}")
    assert wire.run(["cat", f"{TMP}/{name}"]).stdout == b"data"
    wire.receive(f"{TMP}/{name}", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"data"


def test_several_threads_use_it_at_once(wire: AdbWire) -> None:
    def work(number: int) -> bytes:
        return wire.run(script('cat; echo "$1"', str(number)), stdin=b"n").stdout

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(18))) == [b"n%d\n" % number for number in range(18)]


def test_a_hundred_commands_leave_nothing(wire: AdbWire, phone: AdbDevice) -> None:
    quiet, unreaped = _keeper_alone(wire, phone), zombies()  # of earlier tests
    with nothing_left():
        for number in range(100):
            assert wire.run(["echo", str(number)]).stdout == b"%d\n" % number
        wait_until(lambda: phone.processes() == quiet, 60, "nothing of them runs")
    assert zombies() <= unreaped
    (folder,) = phone.tmp.glob(".ppocr-edge-*")
    wait_until(lambda: [path.name for path in folder.iterdir()] == ["keeper"], 60, "nothing is kept of them")


def test_round_trips_are_counted(wire: AdbWire, phone: AdbDevice) -> None:
    assert wire.round_trips == 0
    wire.run(["true"])
    assert wire.round_trips == 2  # the keeper was asked first
    wire.run(["true"])
    assert wire.round_trips == 3


def test_it_says_who_it_is(wire: AdbWire, phone: AdbDevice) -> None:
    assert (wire.name, wire.address) == ("pixel", f"adb {phone.serial}")


def test_it_leaves_the_adb_server_running(phone: AdbDevice, adb: object) -> None:
    other = AdbWire("other", AdbAddress(phone.serial))
    other.run(["true"])
    server = adb.pid()  # type: ignore[attr-defined]
    other.close()
    assert alive(server)
