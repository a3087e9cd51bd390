"""This host as a device: what every wire promises, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import script
from edge.errors import DeviceError, DeviceTimeoutError
from tests.devices_kit.conversation import converse
from tests.processes import alive, children, nothing_left, wait_until, zombies

ODD = "a b'c\"d $(e)\n*é"


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[HostWire]:
    """A device whose home folder is the test's."""
    opened = HostWire("here", tmp_path)
    yield opened
    opened.close()


def test_a_command_gets_its_words_as_they_are(wire: HostWire, tmp_path: Path) -> None:
    text = 'cat; printf "%s|" "$@"; pwd; printf %s "$HOME" >&2; exit 3'
    finished = wire.run(script(text, ODD, "", "-n"), stdin=b"in\0put\n")
    assert finished.stdout == f"in\0put\n{ODD}||-n|{tmp_path}\n".encode()
    assert finished.stderr == str(tmp_path).encode()
    assert finished.exit.code == 3
    assert wire.round_trips == 1


def test_what_a_command_prints_is_not_cut(wire: HostWire) -> None:
    assert len(wire.run(["head", "-c", "3000000", "/dev/zero"]).stdout) == 3_000_000


@pytest.mark.parametrize(("command", "code"), [(["no-such-program"], 127), (["/etc/passwd"], 126)])
def test_what_cannot_be_run_ends_as_a_shell_says_it(wire: HostWire, command: list[str], code: int) -> None:
    assert wire.run(command).exit.code == code


def test_a_signal_is_told(wire: HostWire) -> None:
    finished = wire.run(script("kill -ABRT $$"))
    assert finished.exit.code == -signal.SIGABRT
    assert str(finished.exit) == "ended by SIGABRT"


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(wire: HostWire, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    for limit in (0.3, 3, 30):  # a busy machine may take its time until there is a sleeper
        with pytest.raises(DeviceTimeoutError, match=rf"^here: sh did not end within {limit} s"):
            wire.run(script("sleep 600 & echo $! >new; mv new pid; wait"), seconds=limit)
        if pid.exists():
            break
    sleeper = int(pid.read_text())
    wait_until(lambda: not alive(sleeper), 60, "the sleeper is ended")


def test_a_process_is_talked_to(wire: HostWire) -> None:
    process = converse(wire)
    process.end()
    assert process.words() == "bad\n"


def test_last_words_are_there_when_a_process_has_ended(
    wire: HostWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read by a thread, which may come last."""
    read = os.read

    def late(descriptor: int, size: int) -> bytes:
        time.sleep(0.1)
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", late)
    with monkeypatch.context() as patch:
        # late, but never too late, however busy this machine is
        patch.setattr("deploy_tools.devices.wire.host._LAST_SECONDS", 60.0)
        process = wire.start(script("echo no >&2; exit 3"))
        ended = process.wait(60)
        assert ended is not None
        assert (ended.code, process.words()) == (3, "no\n")
        process.end()
    process = wire.start(script("sleep 600 & echo gone >&2"))  # what it leaves holds its standard error
    begin = time.monotonic()
    assert process.wait(60) is not None
    assert time.monotonic() - begin < 60
    wait_until(lambda: process.words() == "gone\n", 60, "what it said is read")
    process.end()


def test_nothing_is_left(wire: HostWire, tmp_path: Path) -> None:
    unreaped = zombies()  # of earlier tests
    with nothing_left():
        started = [wire.start(script("sleep 600 & echo $!; wait")) for _ in range(5)]
        sleepers = [int(os.read(process.stdout, 100)) for process in started]
        started[0].end()
        started[0].end()
        wire.close()
    assert zombies() <= unreaped
    wait_until(lambda: not any(alive(pid) for pid in sleepers), 60, "all sleepers are ended")
    assert wire.run(["true"]).exit.code == 0  # may be used again


def test_a_killed_host_leaves_no_process(tmp_path: Path) -> None:
    code = (
        "import sys, os, time; from pathlib import Path\n"
        "from deploy_tools.devices.wire.host import HostWire\n"
        "from deploy_tools.devices.wire.wire import script\n"
        "process = HostWire('here', Path(sys.argv[1])).start(script('echo $$; exec sleep 600'))\n"
        "sys.stdout.buffer.write(os.read(process.stdout, 100)); sys.stdout.flush(); time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        sleeper = int(host.stdout.readline())
        guards = children(host.pid)
        assert alive(sleeper)
        host.kill()
        wait_until(lambda: not any(alive(pid) for pid in {sleeper, *guards}), 60, "all are ended")


def test_files_go_there_and_back(wire: HostWire, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(os.urandom(2_500_000))
    seen: list[tuple[int, int]] = []
    target = tmp_path / ODD
    target.write_bytes(source.read_bytes()[:1_000_000] + b"to be overwritten")
    wire.send(source, str(target), offset=1_000_000, progress=lambda done, total: seen.append((done, total)))
    assert target.read_bytes() == source.read_bytes()
    assert seen[-1] == (2_500_000, 2_500_000)
    wire.receive(str(target), tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    assert wire.round_trips == 2


def test_files_that_cannot_be_told_in_one_line(wire: HostWire, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    with pytest.raises(DeviceError, match=r"^here: .* cannot be written \(No such file or directory\)"):
        wire.send(source, str(tmp_path / "missing" / "target"))
    with pytest.raises(DeviceError, match=r"^here: .* cannot be read \(No such file or directory\)"):
        wire.receive(str(tmp_path / "missing"), tmp_path / "back")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


def test_a_missing_home_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"^here: sh cannot be started \(No such file or directory\)"):
        HostWire("here", tmp_path / "missing").run(["sh"])


def test_several_threads_at_once(wire: HostWire) -> None:
    results: list[bytes] = []

    def ask(number: int) -> None:
        results.append(wire.run(["echo", str(number)]).stdout)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [b"%d\n" % number for number in range(8)]
    assert time.monotonic() - start < 60
    assert wire.round_trips == 8
