"""The lock of a device: one at a time, whoever crashes, and however; no clock has a say."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.store.lock import break_lock, hold, who_holds
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire
from edge.errors import DeviceError
from tests.processes import children, nothing_left, wait_until

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[3]


@pytest.fixture
def other_host(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """``other_host(owner, beat, patience)``: another process that holds the lock."""
    started: list[subprocess.Popen[str]] = []

    def start(owner: str, *times: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "hold_lock.py"), str(home), owner, *map(str, times)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.communicate()


def folders(home: Path) -> list[str]:
    return sorted(path.name for path in (home / ".ppocr-edge").iterdir())


def take(wire: Wire, owner: str = "bert") -> None:
    with hold(wire, "", owner):
        pass


def can_take(wire: Wire) -> bool:
    try:
        take(wire)
    except DeviceError as error:
        if "is in use by" not in error.found:
            raise
        return False
    return True


def test_one_at_a_time(shell: Wire, home: Path) -> None:
    with hold(shell, "", "anna") as lock:
        with pytest.raises(
            DeviceError, match=r"pi4: is in use by anna on .* since .*, for \d+ s; wait for them"
        ):
            take(shell)
        assert not lock.lost
        lock.check()
        holder = who_holds(shell, "")
        assert holder is not None
        assert (holder.owner, holder.host, holder.alive) == ("anna", os.uname().nodename, True)
        assert holder.seconds is not None
        assert folders(home) == ["lock"]
    assert who_holds(shell, "") is None
    assert folders(home) == []
    take(shell)


@pytest.mark.parametrize(
    "ask",
    [who_holds, lambda wire, _: take(wire), lambda wire, folder: break_lock(wire, folder, "bert")],
    ids=["who", "take", "break"],
)
def test_one_that_is_given_back_while_it_is_looked_at_is_free(
    host: HostWire,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Wire, str], object],
) -> None:
    lock = home / ".ppocr-edge/lock"
    tools = tmp_path / "tools"
    tools.mkdir()
    # the moment before the lock's words are read
    (tools / "cat").write_text(
        f'#!/bin/sh\nmv {shlex.quote(str(lock))} {shlex.quote(str(tools))} 2>/dev/null\nexec /bin/cat "$@"\n'
    )
    (tools / "cat").chmod(0o755)
    with hold(host, "", "anna"):
        monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
        assert ask(host, "") is None
        assert (tools / "lock").is_dir()


@pytest.mark.parametrize(
    "owner", ["a\nb \x1b[2J", "%s %d \\n \\0101 $(touch pwned) `x` \"'", "文 é \udce9", ""]
)
def test_any_owner_is_told_of(shell: Wire, owner: str) -> None:
    with hold(shell, "", owner):
        holder = who_holds(shell, "")
        assert holder is not None
        assert holder.owner == (owner or "somebody")
        with pytest.raises(DeviceError, match="is in use by") as error:
            take(shell)
        assert "\n" not in error.value.one_line()


def test_a_killed_owner_leaves_nothing_in_the_way(
    host: HostWire, other_host: Callable[..., subprocess.Popen[str]]
) -> None:
    for _ in range(3):
        owner = other_host("anna")
        with pytest.raises(DeviceError, match="is in use by anna"):
            take(host)
        owner.kill()
        wait_until(lambda: not getattr(who_holds(host, ""), "alive", False), 60, "the holder is gone")
        take(host)


def test_a_holder_that_was_killed_leaves_nothing_in_the_way(shell: Wire, home: Path) -> None:
    with hold(shell, "", "anna", beat=0.05) as lock:
        os.kill(int((home / ".ppocr-edge/lock/process").read_text().split()[0]), signal.SIGKILL)
        wait_until(lambda: lock.lost, 60, "the owner notices")
        with pytest.raises(
            DeviceError, match="the lock on the device is gone: the link broke, or somebody took"
        ):
            lock.check()
        left = who_holds(shell, "")
        assert left is not None
        assert (left.owner, left.alive) == ("anna", False)
        with hold(shell, "", "bert"):
            pass
    assert folders(home) == []


@pytest.mark.parametrize("field", [1, 2], ids=["the number is another process's", "the device was restarted"])
def test_a_lock_of_the_past_is_recognized(shell: Wire, home: Path, field: int) -> None:
    """A live process has the holder's number; what else is written tells that it is not the holder."""
    process = home / ".ppocr-edge/lock/process"
    with hold(shell, "", "anna", beat=0.05) as lock:
        words = process.read_text().split()
        words[field] = str(int(words[1]) + 1) if field == 1 else "5f1e4d3c-0000"
        process.write_text(" ".join(words) + "\n")
        with hold(shell, "", "bert"):
            holder = who_holds(shell, "")
            assert holder is not None
            assert (holder.owner, holder.alive) == ("bert", True)
            wait_until(lambda: lock.lost, 60, "the owner learns with its next beat")
    assert folders(home) == []


def test_a_holder_on_another_machine_is_believed(host: HostWire, home: Path) -> None:
    """The folder is on a disk that several boards share."""
    process = home / ".ppocr-edge/lock/process"
    with hold(host, "", "anna"):
        words = process.read_text().split()
        process.write_text(" ".join([*words[:2], "5f1e4d3c-0000", words[3], "another-board\n"]))
        with pytest.raises(DeviceError, match=r"is in use by anna on [^,]*; wait"):
            take(host)


def test_an_owner_of_which_nothing_is_heard_loses_the_lock(shell: Wire, home: Path) -> None:
    """Its host lost power: nobody tells the device that the link is gone."""
    with hold(shell, "", "anna", beat=60, patience=1) as lock:
        wait_until(lambda: lock.lost, 60, "the holder gives up")
        take(shell)
    assert folders(home) == []


def test_an_owner_that_stood_still_learns_that_it_lost_the_lock(
    host: HostWire, other_host: Callable[..., subprocess.Popen[str]]
) -> None:
    patience = 6  # more than a busy machine makes a beat late
    owner = other_host("anna", 0.2, patience)
    time.sleep(patience + 1)  # beats keep it
    with pytest.raises(DeviceError, match="is in use by anna"):
        take(host)
    owner.send_signal(signal.SIGSTOP)
    wait_until(lambda: not getattr(who_holds(host, ""), "alive", False), 60, "the holder gives up")
    with hold(host, "", "bert"):
        owner.send_signal(signal.SIGCONT)
        assert owner.communicate("\n", timeout=60)[0] == "lost\n"
        holder = who_holds(host, "")
        assert holder is not None
        assert holder.owner == "bert"


def test_it_can_be_broken_on_purpose(shell: Wire, home: Path) -> None:
    assert break_lock(shell, "", "bert") is None
    with hold(shell, "", "anna", beat=0.05) as lock:
        broken = break_lock(shell, "", "bert")
        assert broken is not None
        assert (broken.owner, broken.alive) == ("anna", True)
        with hold(shell, "", "bert"):
            wait_until(lambda: lock.lost, 60, "its holder notices")
            holder = who_holds(shell, "")
            assert holder is not None
            assert holder.owner == "bert"
    assert folders(home) == []


def test_one_that_crashed_while_breaking_is_in_nobodys_way(shell: Wire, home: Path) -> None:
    lock = home / ".ppocr-edge/lock"
    with hold(shell, "", "anna"):
        kept = (lock / "process").read_text()
        token = next(lock.glob("is.*")).name
        # as a crash leaves it: the holder is gone, and so is one that was about to take its lock away
        dead = " ".join([kept.split()[0], "1", *kept.split()[2:]]) + "\n"
        (lock / "process").write_text(dead)
        for number in (1, 2):
            gate = lock / f"broken.{number}"
            gate.mkdir()
            (gate / "is.0").touch()
            (gate / "process").write_text(dead)
        assert (lock / token).exists()
        take(shell)
    assert folders(home) == []


@pytest.mark.parametrize("damage", ["empty", "no process", "no token"])
def test_a_damaged_lock_can_be_broken(store: DeviceStore, host: HostWire, home: Path, damage: str) -> None:
    lock = home / ".ppocr-edge/lock"
    lock.mkdir(parents=True)
    if damage != "empty":
        (lock / "info").write_text("{")
    if damage == "no process":
        (lock / "is.1").touch()
        take(host)  # nobody holds it
        return
    with pytest.raises(DeviceError, match="is in use by somebody on an unknown host; wait"):
        take(host)
    broken = store.unlock()
    assert broken is not None
    assert not broken.alive
    take(host)


def test_no_clock_has_a_say(host: HostWire, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner's clock is in the future, and what is written on the device is from the past."""
    monkeypatch.setattr(time, "strftime", lambda _: "2099-01-01 00:00:00 +0000")
    with hold(host, "", "anna"):
        for path in (home / ".ppocr-edge").rglob("*"):
            os.utime(path, (0, 0))
        with pytest.raises(
            DeviceError, match=r"is in use by anna on .* since 2099-01-01 00:00:00 \+0000, for \d s"
        ):
            take(host)


def test_many_that_count_alone(host: HostWire, home: Path, tmp_path: Path) -> None:
    """Three processes, and two that take the lock and are killed all the time."""
    counter = tmp_path / "counter"
    counter.write_text("0")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}

    def start(script: str, *words: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(HERE / script), str(home), *map(str, words)]
        return subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    counting = [start("count_alone.py", counter, 5) for _ in range(3)]
    stop = threading.Event()

    def crash() -> None:
        while not stop.is_set():
            with start("hold_lock.py", "crasher") as process:
                stop.wait(0.8)
                process.kill()

    crashing = [threading.Thread(target=crash) for _ in range(2)]
    for thread in crashing:
        thread.start()
    try:
        assert [process.wait(timeout=120) for process in counting] == [0, 0, 0]
    finally:
        stop.set()
        for thread in crashing:
            thread.join()
        for process in counting:
            process.kill()
            process.communicate()
    assert counter.read_text() == "15"
    # what a killed one started there ends when it next gets its turn, and may take the lock before
    wait_until(lambda: can_take(host), 60, "the lock is free for the next")


def test_nothing_is_left_running_or_open(shell: Wire, home: Path) -> None:
    take(shell)
    ours = children(os.getpid())
    with nothing_left():
        for _ in range(5):
            take(shell)
            with contextlib.suppress(DeviceError), hold(shell, "", "anna", beat=0.01):
                take(shell)
    assert children(os.getpid()) <= ours
    theirs = b"HOME=" + os.fsencode(home)
    wait_until(
        lambda: not [variables for variables in _environments() if theirs in variables], 60, "all ended"
    )


def _environments() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            yield path.read_bytes()


def test_a_closed_wire_is_a_lost_lock(host: HostWire) -> None:
    with hold(host, "", "anna", beat=0.05) as lock:
        host.close()
        wait_until(lambda: lock.lost, 60, "the owner notices")
    take(host)


def test_an_interrupted_block_gives_it_back(host: HostWire) -> None:
    def interrupted() -> None:
        with hold(host, "", "anna"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert who_holds(host, "") is None


def test_a_folder_that_cannot_be_made(host: HostWire, home: Path) -> None:
    (home / "file").touch()
    held = contextlib.ExitStack()
    with pytest.raises(
        DeviceError, match=r"pi4: taking the lock failed: .*(Not a|File exists).*; let the user write"
    ):
        held.enter_context(hold(host, "file/x", "anna"))
