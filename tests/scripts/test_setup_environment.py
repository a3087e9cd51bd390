"""Preparing ``.venv``: when, how, and what an interruption or a second process does to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_machine import REPOSITORY, Machine, base_python

# Seconds a start may take. Some 0.1 measured; the limit allows for a busy machine, and so does that the
# quickest of several starts counts.
OVERHEAD = 2.0
STARTS = 5


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.02)


def test_prepares_once_by_pip_and_hands_arguments_and_folder_on(machine: Machine, tmp_path: Path) -> None:
    first = machine.script("demo", "a b", "--json", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout) == {
        "arguments": ["demo", "a b", "--json"],
        "folder": str(tmp_path),
        "dependency": "1.5",
    }
    assert "preparing" in first.stderr

    seconds = []
    for _ in range(STARTS):
        started = time.monotonic()
        again = machine.script("demo", cwd=tmp_path)
        seconds.append(time.monotonic() - started)
        assert (again.returncode, again.stderr) == (0, "")
    assert min(seconds) < OVERHEAD


def test_prepares_by_uv_where_there_is_one(machine: Machine) -> None:
    first = machine.with_uv().script("demo")
    assert first.returncode == 0, first.stderr
    assert "uv = " in (machine.checkout / ".venv" / "pyvenv.cfg").read_text()
    assert machine.script("demo").stderr == ""


def test_falls_back_to_pip_where_uv_reaches_no_package_index(machine: Machine) -> None:
    del machine.environment["UV_FIND_LINKS"]
    first = machine.with_uv().script("demo")
    assert first.returncode == 0, first.stderr
    assert "trying pip" in first.stderr


@pytest.mark.parametrize("name", ["requirements.lock", "setup.cfg", "pyproject.toml"])
def test_prepares_again_when_a_file_it_was_made_from_changes(machine: Machine, name: str) -> None:
    assert machine.with_uv().script("demo").returncode == 0
    with (machine.checkout / name).open("a") as file:
        file.write("\n# changed\n")
    again = machine.script("demo")
    assert again.returncode == 0
    assert "is ready" in again.stderr


def test_prepares_again_when_the_checkout_was_moved(machine: Machine) -> None:
    assert machine.with_uv().script("demo").returncode == 0
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("moved"))
    again = machine.script("demo")
    assert again.returncode == 0, again.stderr
    assert "is ready" in again.stderr


def test_prepares_again_when_the_interpreter_underneath_is_gone(machine: Machine) -> None:
    assert machine.with_uv().script("demo").returncode == 0
    python = machine.checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3.10")
    assert "is ready" in machine.script("demo").stderr


def test_an_interrupted_preparation_is_done_again(machine: Machine) -> None:
    (machine.checkout / "hold").touch()
    process = machine.with_uv().start(machine.checkout / "scripts" / "demo")
    wait_for((machine.checkout / "held").exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert (machine.checkout / ".venv").is_dir(), "the test must interrupt in the middle"
    (machine.checkout / "hold").unlink()
    again = machine.script("demo")
    assert again.returncode == 0, again.stderr
    assert "is ready" in again.stderr


def test_of_two_at_once_one_prepares_and_the_other_waits(machine: Machine) -> None:
    (machine.checkout / "hold").touch()
    demo = machine.checkout / "scripts" / "demo"
    one = machine.with_uv().start(demo)
    wait_for((machine.checkout / "held").exists)
    other = machine.start(demo)
    assert other.stderr is not None
    waiting = other.stderr.readline()
    (machine.checkout / "hold").unlink()
    stdout, stderr = other.communicate(timeout=60)
    _, first = one.communicate(timeout=60)
    assert "waiting for it" in waiting
    assert (one.returncode, other.returncode) == (0, 0), first + stderr
    assert first.count("is ready") == 1
    assert stderr == ""
    assert json.loads(stdout)["dependency"] == "1.5"


def spoil_hash(machine: Machine) -> None:
    """Change the last digits of the one hash in the lock."""
    lock = machine.checkout / "requirements.lock"
    lock.write_text(lock.read_text().rstrip()[:-8] + "01234567\n")


def test_a_package_of_another_hash_is_refused(machine: Machine) -> None:
    spoil_hash(machine)
    refused = machine.script("demo")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "packages of requirements.lock failed" in refused.stderr.splitlines()[-1]
    assert machine.shell("environment_is_fresh").returncode == 1


def test_a_package_of_another_hash_is_refused_by_uv_too(machine: Machine) -> None:
    install = "find_python && find_uv && install_lock_with_uv"
    assert machine.with_uv().shell(install).returncode == 0
    spoil_hash(machine)
    refused = machine.shell(install)
    assert refused.returncode != 0
    assert "Hash mismatch" in refused.stderr


def test_settings_for_another_python_do_not_reach_in(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "tinydep.py").write_text("VERSION = 'of another Python'\n")
    machine.environment.update(
        PYTHONPATH=str(tmp_path),
        PYTHONHOME="/nonexistent",
        PIP_USER="1",
        PIP_TARGET=str(tmp_path / "elsewhere"),
    )
    ran = machine.script("demo")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["dependency"] == "1.5"


@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_works_without_a_home(machine: Machine, home: str | None) -> None:
    del machine.environment["HOME"]
    if home is not None:
        machine.environment["HOME"] = home
    ran = machine.with_uv().script("demo")
    assert ran.returncode == 0, ran.stderr


def test_refuses_another_processor(machine: Machine) -> None:
    machine.command("uname", "echo Linux aarch64")
    refused = machine.script("demo")
    assert refused.returncode == 2
    assert "Linux aarch64" in refused.stderr


@pytest.fixture
def readable_folder() -> Iterator[Path]:
    """A folder another user can look into (pytest's own are closed to them)."""
    folder = Path(tempfile.mkdtemp(prefix="ppocr-edge-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_checkout_one_may_not_write_to_is_refused(machine: Machine, readable_folder: Path) -> None:
    checkout = shutil.copytree(REPOSITORY / "scripts", readable_folder / "checkout" / "scripts").parent
    home = readable_folder / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    become = (
        "import os, sys; os.setgid(65534); os.setuid(65534); os.execve(sys.argv[1], sys.argv[1:], os.environ)"
    )
    machine.environment.update(HOME=str(home), PATH=os.defpath)
    refused = machine.run(
        base_python(), "-I", "-c", become, checkout / "scripts" / "demo", cwd=readable_folder
    )
    assert refused.returncode == 2, refused.stderr
    assert (
        refused.stderr
        == f"ppocr-edge: {checkout}: not writable; clone the project into a folder of your own\n"
    )


def test_uv_is_fetched_by_the_hash_in_the_lock(machine: Machine) -> None:
    (machine.checkout / "requirements.lock").write_text((REPOSITORY / "requirements.lock").read_text())
    lines = machine.shell("pinned_uv").stdout.splitlines()
    assert lines[0].startswith("uv==")
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])
    assert len(lines) > 1
