"""Commands over SSH, on the real servers."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from deploy_tools.devices.wire.ssh.wire import SshWire
from deploy_tools.devices.wire.wire import script
from edge.errors import DeviceError, DeviceTimeoutError
from tests.devices_kit.sshd import Client, Server, started_with
from tests.processes import alive, nothing_left, wait_until

ODD = "a b'c\"d $(e) `f` \\ *\n~é日本"


def test_a_command_gets_its_words_as_they_are(any_wire: SshWire, any_server: Server) -> None:
    text = 'cat; printf "%s|" "$@"; pwd; printf "%s" "$HOME" >&2; exit 3'
    finished = any_wire.run(script(text, ODD, "", "-n", os.fsdecode(b"\xff")), stdin=b"in\0put\n")
    assert finished.stdout == f"in\0put\n{ODD}||-n|".encode() + f"\udcff|{any_server.home}\n".encode(
        errors="surrogateescape"
    )
    assert finished.stderr == str(any_server.home).encode()
    assert finished.exit.code == 3
    assert any_wire.round_trips == 1


def test_ten_megabytes_go_in_and_out(any_wire: SshWire) -> None:
    data = os.urandom(10_000_000)
    finished = any_wire.run(["cat"], stdin=data, seconds=120)
    assert finished.stdout == data
    assert finished.stderr == b""
    assert finished.exit.code == 0


def test_much_on_both_streams_at_once(wire: SshWire) -> None:
    finished = wire.run(script("head -c 5000000 /dev/zero >&2; head -c 3000000 /dev/zero"), seconds=120)
    assert (len(finished.stdout), len(finished.stderr)) == (3_000_000, 5_000_000)


def test_what_is_not_read_does_not_matter(wire: SshWire) -> None:
    assert wire.run(["true"], stdin=bytes(5_000_000)).exit.code == 0


@pytest.mark.parametrize(("command", "code"), [("no-such-program", 127), ("/etc/passwd", 126)])
def test_what_cannot_be_run_ends_as_a_shell_says_it(wire: SshWire, command: str, code: int) -> None:
    finished = wire.run([command])
    assert finished.exit.code == code
    assert command.encode() in finished.stderr


@pytest.mark.parametrize("name", ["ABRT", "SEGV", "KILL", "BUS"])
def test_a_signal_is_told(any_wire: SshWire, name: str) -> None:
    finished = any_wire.run(script(f"echo before; echo last words >&2; kill -{name} $$"))
    assert finished.exit.code == -getattr(signal, f"SIG{name}")
    assert finished.stdout == b"before\n"
    assert finished.stderr == b"last words\n"


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(
    any_wire: SshWire, any_server: Server
) -> None:
    # the one in the background has a session of its own and ignores hints
    text = "echo $$ >new; (trap '' HUP TERM; sleep 600) & echo $! >>new; mv new pids; sleep 601"
    any_wire.run(["true"])  # connected
    for limit in (1.5, 6, 30):  # a busy machine may take its time until both run
        began = time.monotonic()
        with pytest.raises(
            DeviceTimeoutError, match=rf"^pi: sh did not end within {limit} s, and was ended; see"
        ):
            any_wire.run(script(text), seconds=limit)
        assert time.monotonic() - began < limit + 60
        if (any_server.home / "pids").exists():
            break
    pids = [int(word) for word in (any_server.home / "pids").read_text().split()]
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)
    assert any_wire.run(["echo", "again"]).stdout == b"again\n"


def test_what_is_left_in_the_background_does_not_hold_us_up(wire: SshWire) -> None:
    began = time.monotonic()
    finished = wire.run(script("sleep 600 & echo $!"), seconds=300)
    assert finished.exit.code == 0
    assert time.monotonic() - began < 60
    wait_until(lambda: not alive(int(finished.stdout)), 60, "it is ended, because it held the output")


def test_what_login_shells_print_is_no_output(client: Client, tmp_path: Path) -> None:
    from tests.devices_kit import sshd

    noise = "echo welcome; echo careful >&2; "
    with sshd.openssh(
        tmp_path / "noisy", options=[f'ForceCommand {noise} exec sh -c "$SSH_ORIGINAL_COMMAND"']
    ) as server:
        server.admits(client)
        client.knows(server)
        wire = SshWire("pi", server.address(client))
        finished = wire.run(script("echo out; echo err >&2"))
        wire.close()
    assert (finished.stdout, finished.stderr) == (b"out\n", b"err\n")


def test_a_user_who_may_not_run_commands_is_told(client: Client, tmp_path: Path) -> None:
    from tests.devices_kit import sshd

    with sshd.openssh(
        tmp_path / "nologin", options=["ForceCommand echo 'This account is not available.'; exit 1"]
    ) as server:
        server.admits(client)
        client.knows(server)
        wire = SshWire("pi", server.address(client))
        with pytest.raises(DeviceError, match=r"^pi: runs no commands \(This account is not available\.\); "):
            wire.run(["true"])
        wire.close()


def test_too_long_commands_are_refused_before_they_are_sent(wire: SshWire) -> None:
    assert len(wire.run(["echo", "x" * 100_000]).stdout) == 100_001
    with pytest.raises(DeviceError, match=r"^pi: a command of \d+ bytes is too long"):
        wire.run(["echo", "x" * 130_000])


def test_a_hundred_commands_leave_nothing(any_wire: SshWire, any_server: Server) -> None:
    any_wire.run(["true"])
    with nothing_left():
        there = {pid: _open_files(pid) for pid in any_server.processes()}
        for number in range(100):
            assert any_wire.run(["echo", str(number)]).stdout == b"%d\n" % number
    wait_until(
        # of the first command something may still have been there
        lambda: all(_open_files(pid) <= there.get(pid, -1) for pid in any_server.processes()),
        60,
        "the server has no more processes and files than before",
    )
    assert any_wire.round_trips == 101


def test_several_threads_at_once(wire: SshWire) -> None:
    results: list[bytes] = []

    def ask(number: int) -> None:
        results.append(wire.run(script('sleep 0.05; echo "$1"', str(number)), seconds=60).stdout)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted(b"%d\n" % number for number in range(20))


def test_more_sessions_than_the_server_has_are_told(client: Client, tmp_path: Path) -> None:
    from tests.devices_kit import sshd

    with sshd.openssh(tmp_path / "narrow", options=["MaxSessions 3"]) as server:
        server.admits(client)
        client.knows(server)
        wire = SshWire("pi", server.address(client))
        started = [wire.start(["cat"]) for _ in range(2)]
        with pytest.raises(DeviceError, match=r"^pi: refuses another session .*MaxSessions"):
            wire.run(["true"])
        started[0].end()
        assert wire.run(["true"]).exit.code == 0
        wire.close()


def test_nothing_is_left_after_closing(any_server: Server, client: Client) -> None:
    with nothing_left():
        wire = SshWire("pi", any_server.address(client))
        for _ in range(3):
            wire.run(["true"])
            wire.close()
        wire.close()
    wait_until(lambda: not any_server.connections(), 60, "the server has no connection")
    wait_until(lambda: not started_with(wire.tag), 60, "no lifeline is left")


def _open_files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return -1
