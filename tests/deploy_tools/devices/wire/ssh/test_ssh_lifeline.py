"""The shell over there, in every shell that devices have, and without any link."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from deploy_tools.devices.wire.ssh.lifeline import SCRIPT
from deploy_tools.devices.wire.ssh.wrapper import Beginning, wrapped
from deploy_tools.devices.wire.wire import script
from tests.devices_kit.sshd import started_with
from tests.processes import alive, wait_until

SHELLS = ("bash", "dash", "busybox sh", "mksh")


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    """A shell of devices."""
    words = str(request.param).split()
    if shutil.which(words[0]) is None:
        pytest.skip(f"no {words[0]} here (apt-get install {words[0]})")
    return words


class Lifeline:
    """It, and what it looks after."""

    def __init__(self, shell: list[str], patience: int = 100, *, session: bool = True) -> None:
        self.tag = secrets.token_hex(8)
        self._shell = shell
        self._process = subprocess.Popen(
            [*shell, "-c", SCRIPT, "sh", self.tag, "1", str(patience)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=session,
        )
        self.ready = self.line()

    def line(self) -> str:
        """What it says next."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().strip()

    def tell(self, line: str) -> None:
        """Tell it something."""
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def start(self, number: int, *, session: bool = True) -> tuple[subprocess.Popen[bytes], list[int], str]:
        """A wrapped command, the processes that belong to it, and its session."""
        tag = f"{self.tag}-1-{number}"
        text = "(trap '' TERM; sleep 600) & echo $! $$; wait"
        process = subprocess.Popen(
            wrapped(script(text), tag),
            shell=True,
            executable=shutil.which(self._shell[0]) if len(self._shell) == 1 else None,
            stdout=subprocess.PIPE,
            start_new_session=session,
        )
        assert process.stdout is not None
        beginning = Beginning(tag)
        data = b""
        while not data.endswith(b"\n"):
            data += beginning.after(process.stdout.readline())
        process.stdout.close()
        return process, [process.pid, *map(int, data.split())], beginning.session

    def leave(self) -> None:
        """The end of the link."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def wait(self, seconds: float) -> int:
        """Wait for its own end."""
        assert self._process.stdout is not None
        code = self._process.wait(seconds)
        self._process.stdout.close()
        return code

    def close(self) -> None:
        """End it, however the test went."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def lifeline(shell: list[str]) -> Iterator[Lifeline]:
    """One that waits for lines."""
    opened = Lifeline(shell)
    yield opened
    opened.close()


def test_it_answers_and_ends_what_it_is_told_to(lifeline: Lifeline) -> None:
    lifeline.tell("beat")
    assert lifeline.line() == "beat"
    first, first_pids, session = lifeline.start(1)
    other, other_pids, _ = lifeline.start(10)
    assert session == str(first.pid)
    lifeline.tell(f"end {lifeline.tag}-1-1 {session}")
    assert lifeline.line() == f"ended {lifeline.tag}-1-1"
    first.wait(60)
    assert not any(alive(pid) for pid in first_pids)
    assert all(alive(pid) for pid in other_pids)
    lifeline.tell(f"end {lifeline.tag}-1-10 ")  # it has not said its session
    assert lifeline.line() == f"ended {lifeline.tag}-1-10"
    other.wait(60)
    assert not any(alive(pid) for pid in other_pids)
    lifeline.tell("quit")
    assert lifeline.line() == "ended all"
    assert lifeline.wait(60) == 0


def test_it_ends_everything_when_the_link_is_gone(lifeline: Lifeline) -> None:
    started = [lifeline.start(number) for number in range(3)]
    lifeline.leave()
    for process, pids, _ in started:
        process.wait(60)
        wait_until(lambda pids=pids: not any(alive(pid) for pid in pids), 60, "all of it is ended")
    lifeline.wait(60)
    wait_until(lambda: not started_with(lifeline.tag), 60, "nothing is left")


def test_it_does_not_wait_for_ever(shell: list[str]) -> None:
    if shell == ["dash"]:
        pytest.skip("dash cannot limit how long it reads: another shell is taken where there is one")
    lifeline = Lifeline(shell, patience=4)
    try:
        process, pids, _ = lifeline.start(1)
        began = time.monotonic()
        lifeline.tell("beat")  # from now on it waits, however long the start took
        assert lifeline.line() == "beat"
        process.wait(60)
        assert time.monotonic() - began > 3.5
        wait_until(lambda: not any(alive(pid) for pid in pids), 60, "all of it is ended")
        lifeline.wait(60)
    finally:
        lifeline.close()


def test_it_ends_what_shares_the_servers_session(shell: list[str]) -> None:
    # as with Dropbear: processes are found by their parents, and whoever else is in the session lives
    bystander = subprocess.Popen(["sleep", "600"])
    opened = Lifeline(shell, session=False)
    try:
        process, pids, session = opened.start(1, session=False)
        assert opened.ready == f"ready {session}"
        opened.tell(f"end {opened.tag}-1-1 {session}")
        assert opened.line() == f"ended {opened.tag}-1-1"
        process.wait(60)
        assert not any(alive(pid) for pid in pids)
        assert alive(bystander.pid)
    finally:
        bystander.kill()
        bystander.wait()
        opened.close()


def test_shellcheck_finds_nothing() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("no shellcheck here (apt-get install shellcheck)")
    # what is left unquoted is meant to fall into words: numbers of processes, fields of a line
    command = ["shellcheck", "--shell=sh", "--exclude=SC2086,SC2229,SC3045", "-"]
    found = subprocess.run(command, input=SCRIPT, text=True, capture_output=True)
    assert found.stdout == ""
