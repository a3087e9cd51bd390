"""Processes over SSH, and what becomes of them when this side is gone."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.wire.ssh.wire import SshWire
from deploy_tools.devices.wire.wire import script
from edge.errors import DeviceError
from tests.devices_kit.sshd import USER, Client, Server
from tests.processes import alive, nothing_left, wait_until

# a host that starts a process over there and a command that does not end, and says so
_HOST = """
import sys
from pathlib import Path
from deploy_tools.devices.inventory.entry import SshAddress
from deploy_tools.devices.wire.ssh.wire import SshWire
from deploy_tools.devices.wire.wire import script
port, user, key = sys.argv[1:]
wire = SshWire("pi", SshAddress("127.0.0.1", user=user, port=int(port), identity=Path(key)))
process = wire.start(script("echo $$ >started; sleep 600 & echo $! >>started; exec sleep 601"))
try:
    wire.run(script("echo $$ >run; trap '' HUP TERM; sleep 602 & echo $! >>run; wait"), seconds=600)
finally:
    wire.close()
"""


def test_a_process_is_talked_to(any_wire: SshWire) -> None:
    text = 'echo hello; read -r a; echo "got $a"; echo bad >&2; cat | wc -c; exit 7'
    process = any_wire.start(script(text))
    assert os.read(process.stdout, 100) == b"hello\n"
    assert process.wait(0.05) is None
    assert not select.select([process.stdout], [], [], 0.05)[0]
    os.write(process.stdin, b"word\n" + b"x" * 1000)
    assert select.select([process.stdout], [], [], 60)[0]
    assert os.read(process.stdout, 100) == b"got word\n"
    os.close(process.stdin)
    assert _all(process.stdout) == b"1000\n"
    ended = process.wait(60)
    assert ended is not None
    assert ended.code == 7
    assert process.words() == "bad\n"
    process.end()
    process.end()


def test_a_lot_goes_through(any_wire: SshWire) -> None:
    data = os.urandom(10_000_000)
    process = any_wire.start(["cat"])

    def feed() -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(process.stdin, left) :]
        os.close(process.stdin)

    feeder = threading.Thread(target=feed)
    feeder.start()
    assert _all(process.stdout) == data
    feeder.join()
    process.end()


def test_only_the_last_words_are_kept(wire: SshWire) -> None:
    process = wire.start(script("head -c 5000000 /dev/zero | tr '\\0' x >&2; echo end >&2"))
    assert _all(process.stdout) == b""
    assert process.words() == "x" * (65536 - 4) + "end\n"
    process.end()


def test_what_is_killed_over_there_is_told(any_wire: SshWire) -> None:
    process = any_wire.start(script("echo $$; exec sleep 600"))
    os.kill(int(os.read(process.stdout, 100)), signal.SIGSEGV)
    assert _all(process.stdout) == b""
    ended = process.wait(60)
    assert ended is not None
    assert str(ended) == "ended by SIGSEGV"
    process.end()


def test_ending_takes_all_it_started(any_wire: SshWire) -> None:
    process = any_wire.start(script("sleep 600 & echo $!; setsid sleep 601 & echo $!; echo $$; wait"))
    pids = [int(line) for line in _lines(process.stdout, 3)]
    assert all(alive(pid) for pid in pids)
    process.end()
    wait_until(lambda: not any(alive(pid) for pid in pids), 60, "it and what it started are ended")


def test_nothing_is_left(any_wire: SshWire) -> None:
    any_wire.run(["true"])
    with nothing_left():
        started = [any_wire.start(script("sleep 600 & echo $!; wait")) for _ in range(3)]
        pids = [int(os.read(process.stdout, 100)) for process in started]
        started[0].end()
        assert not alive(pids[0])
        assert alive(pids[1])
        for process in started[1:]:
            process.end()
        assert not any(alive(pid) for pid in pids)


def test_closing_ends_all_that_runs(any_wire: SshWire) -> None:
    with nothing_left():
        started = [any_wire.start(script("sleep 600 & echo $!; exec sleep 601")) for _ in range(2)]
        pids = [int(os.read(process.stdout, 100)) for process in started]
        any_wire.close()
        wait_until(lambda: not any(alive(pid) for pid in pids), 60, "all are ended")
        for process in started:
            process.end()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_runs_there_ends_with_this_host(
    any_server: Server, client: Client, tmp_path: Path, number: signal.Signals
) -> None:
    command = [sys.executable, "-c", _HOST, str(any_server.port), USER, str(client.key)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as host:
        pids = [*_pids(any_server.home / "started"), *_pids(any_server.home / "run")]
        assert all(alive(pid) for pid in pids)
        host.send_signal(number)
        host.wait(120)
        wait_until(lambda: not any(alive(pid) for pid in pids), 60, "nothing of it runs any more")
    wait_until(lambda: not any_server.connections(), 60, "the connection is gone")


def test_what_runs_there_ends_when_the_link_breaks(any_server: Server, client: Client) -> None:
    wire = SshWire("pi", any_server.address(client))
    process = wire.start(script("echo $$; sleep 600 & echo $!; wait"))
    pids = [int(line) for line in _lines(process.stdout, 2)]
    any_server.hang_up()
    assert _all(process.stdout) == b""
    with pytest.raises(DeviceError, match=r"^pi: the link broke while sh ran \(.*\); "):
        process.wait(60)
    wait_until(lambda: not any(alive(pid) for pid in pids), 60, "nothing of it runs any more")
    process.end()
    assert wire.run(["echo", "again"]).stdout == b"again\n"
    wire.close()


def _all(descriptor: int) -> bytes:
    return b"".join(_blocks(descriptor))


def _blocks(descriptor: int) -> Iterator[bytes]:
    while data := os.read(descriptor, 1 << 20):
        yield data


def _lines(descriptor: int, count: int) -> list[bytes]:
    data = b""
    while data.count(b"\n") < count:
        data += os.read(descriptor, 100)
    return data.splitlines()


def _pids(path: Path) -> list[int]:
    wait_until(lambda: path.exists() and path.read_text().count("\n") == 2, 120, f"{path} has two numbers")
    return [int(word) for word in path.read_text().split()]
