"""``ppocr-edge devices`` from the outside; the device is this host, in a home of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.address import address_text, ssh_address
from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry, HostKeys, SshAddress
from deploy_tools.devices.inventory.reading import read_inventory
from deploy_tools.devices.wire.ssh.transport import _BANNER_SECONDS
from edge.errors import InputError
from tests.deploy_tools.cli.command_run import CommandRun


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> CommandRun:
    return CommandRun(capsys, "devices")


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The inventory, in folders of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PPOCR_EDGE_INVENTORY", raising=False)
    return tmp_path / "config" / "ppocr-edge" / "devices.yml"


@pytest.mark.parametrize("words", [[], ["add"], ["list"], ["probe"], ["remove"]])
def test_help_has_examples(run: CommandRun, words: list[str]) -> None:
    text = run(*words, "--help")
    start = text.index("Examples:")
    assert all(line.startswith("    ppocr-edge devices") for line in text[start:].splitlines()[1:])


def test_added_probed_listed_removed(run: CommandRun, own: Path, tmp_path: Path) -> None:
    assert run("list") == f"{own} names no devices; add one with 'ppocr-edge devices add'\n"
    out = run("add", "my böard", "--this-host", "--python", sys.executable, "--threads", "2")
    assert out.startswith("my böard  this host\n")
    assert "models for x86, with Python" in out
    assert f"{tmp_path}/.ppocr-edge, not there yet" in out
    assert "doctor --device 'my böard'" in run.err
    assert not (tmp_path / ".ppocr-edge").exists()
    (entry,) = read_inventory(own).all
    assert (entry.name, entry.python, entry.threads) == ("my böard", sys.executable, 2)
    assert "my böard" in run("list")
    (row,) = json.loads(run("list", "--json"))
    assert row["address"] == {"kind": "host"}
    (probed,) = json.loads(run("probe", "all", "--json"))
    assert probed["ok"] is True
    assert probed["probe"]["folder"] == f"{tmp_path}/.ppocr-edge"
    assert probed["abilities"][0]["ready"] is True
    assert run("remove", "my böard") == "removed my böard  this host\n"
    assert read_inventory(own).all == ()


def test_a_device_that_can_run_nothing_says_what_it_lacks(run: CommandRun) -> None:
    out = run("add", "bare", "--this-host")
    assert "nothing yet" in out
    assert "--lite-home" in out


def test_added_unseen(run: CommandRun, own: Path, tmp_path: Path) -> None:
    words = ["--ssh", "pi@[fe80::1]:2222", "--identity", "key", "--accept-new-host-key", "--ask-password"]
    (tmp_path / "lite").mkdir()
    out = run("add", "pi4", *words, "--lite-home", str(tmp_path / "lite"), "--folder", "~/x y", "--no-probe")
    assert out == "pi4  ssh pi@[fe80::1]:2222\n"
    (entry,) = read_inventory(own).all
    key = Path("key").absolute()
    assert entry.address == SshAddress("fe80::1", "pi", 2222, key, True, HostKeys.ACCEPT_NEW)
    assert (entry.folder, entry.lite_home) == ("~/x y", tmp_path / "lite")
    run("add", "tv", "--adb", "10.0.0.9:5555", "--no-probe", "--power-mode", "high")
    out = run("list")
    assert [line.split()[0] for line in out.splitlines()] == ["device", "pi4", "tv"]
    assert "adb 10.0.0.9:5555" in out
    (pi4, tv) = json.loads(run("list", "--json"))
    assert pi4["address"]["host_keys"] == "accept-new"
    assert tv["power_mode"] == "high"


def test_replaced(run: CommandRun, own: Path) -> None:
    run("add", "a", "--adb", "1", "--no-probe")
    run("add", "a", "--adb", "2", "--no-probe", code=2)
    assert "--replace" in run.err
    run("add", "a", "--adb", "2", "--no-probe", "--replace")
    (row,) = json.loads(run("list", "--json"))
    assert row["address"]["serial"] == "2"


def test_what_is_not_named_anew_stays(run: CommandRun, own: Path, tmp_path: Path) -> None:
    first = ["--ssh", "pi@10.0.0.7", "--identity", "/key", "--ask-password", "--accept-new-host-key"]
    run("add", "pi", *first, "--python", "py", "--folder", "kept", "--threads", "2", "--no-probe")

    def replaced(*words: str) -> DeviceEntry:
        run("add", "pi", *words, "--replace", "--no-probe")
        return read_inventory(own).entries["pi"]

    (tmp_path / "lite").mkdir()
    entry = replaced("--lite-home", str(tmp_path / "lite"), "--without", "python", "--power-mode", "low")
    address = SshAddress("10.0.0.7", "pi", None, Path("/key"), True, HostKeys.ACCEPT_NEW)
    assert entry == DeviceEntry("pi", address, "kept", tmp_path / "lite", None, 2, "low")
    entry = replaced("--no-ask-password", "--without", "identity", "--without", "threads")
    address = SshAddress("10.0.0.7", "pi", None, None, False, HostKeys.ACCEPT_NEW)
    assert entry == DeviceEntry("pi", address, "kept", tmp_path / "lite", None, None, "low")
    entry = replaced("--identity", "/other")
    assert entry.address == replace(address, identity=Path("/other"))
    # another server is not trusted unseen because the last one was
    entry = replaced("--ssh", "box:22")
    assert entry.address == SshAddress("box", None, 22, Path("/other"))
    assert (entry.folder, entry.power_mode) == ("kept", "low")
    entry = replaced("--adb", "0A1B")
    assert entry == DeviceEntry("pi", AdbAddress("0A1B"), "kept", tmp_path / "lite", power_mode="low")
    assert replaced("--threads", "3") == replace(entry, threads=3)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--replace", "--ask-password"], "--ask-password: is for devices with --ssh"),
        (["--replace", "--without", "python", "--python", "x"], "--without python: --python is named too"),
        (["--adb", "1", "--without", "python"], "--without python: there is no such device to replace"),
    ],
)
def test_what_cannot_be_changed_so(run: CommandRun, words: list[str], message: str) -> None:
    run("add", "a", "--adb", "1", "--no-probe")
    assert run("add", "a", *words, "--no-probe", code=2) == ""
    assert message in run.err


def test_a_device_that_does_not_answer_is_not_added(run: CommandRun, own: Path) -> None:
    assert run("add", "gone", "--ssh", "x@127.0.0.1:9", code=2) == ""
    assert run.err.count("\n") == 1
    assert "(not added)" in run.err
    assert "--no-probe" in run.err
    assert not own.exists()


def test_one_that_does_not_answer_hides_no_other(run: CommandRun) -> None:
    run("add", "gone", "--ssh", "x@127.0.0.1:9", "--no-probe")
    run("add", "here", "--this-host", "--no-probe")
    out = run("probe", "gone,here", code=2)
    assert out.startswith("here  this host\n")
    assert run.err.startswith("ppocr-edge: gone: ")
    rows = json.loads(run("probe", "all", "--json", code=2))
    assert [row["ok"] for row in rows] == [False, True]
    assert rows[0]["error"].startswith("gone: ")


def test_another_file(run: CommandRun, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = tmp_path / "lab.yml"
    run("add", "a", "--adb", "1", "--no-probe", "--inventory", str(lab))
    assert not own.exists()
    monkeypatch.setenv("PPOCR_EDGE_INVENTORY", str(lab))
    assert "adb 1" in run("list")


def test_several_are_removed_together_or_not_at_all(run: CommandRun, own: Path) -> None:
    for name in ("a", "b"):
        run("add", name, "--adb", "1", "--no-probe")
    run("remove", "a", "c", code=2)
    assert list(read_inventory(own).entries) == ["a", "b"]
    assert run("remove", "a", "b", "a").count("removed") == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "x"], "devices add: nothing says how to reach the device; give one of --ssh, --adb"),
        (["add", "x", "--ssh", "h", "--adb", "1"], "--ssh and --adb do not go together"),
        (["add", "x", "--adb", "1", "--ask-password"], "--ask-password: is for devices with --ssh"),
        (["add", "a,b", "--adb", "1"], "device name 'a,b': has a comma"),
        (["add", "all", "--adb", "1"], "device name 'all': means something else after --device"),
        (["add", "x", "--ssh", "pi@"], "--ssh 'pi@': is not [USER@]HOST[:PORT]"),
        (["add", "x", "--ssh", "h:0"], "--ssh: '0' is no port; write a number from 1 to 65535"),
        (["add", "x", "--ssh", "-oProxyCommand=x"], "is not [USER@]HOST[:PORT]"),
        (["add", "x", "--adb", "-s"], "--adb '-s': is not a line of printable text"),
        (["add", "x", "--adb", "1", "--folder", "a\nb"], "--folder 'a\\nb': is not a line"),
        (["add", "x", "--adb", "1", "--lite-home", "/no/such"], "--lite-home /no/such: no such folder"),
        (["add", "x", "--adb", "1", "--threads", "0"], "0 is not in the range 1<=x<=256"),
        (["probe", "x"], "names no devices; add it with 'ppocr-edge devices add'"),
        (["probe", "all"], "names no devices"),
        (["probe", "a,,b"], "device: is empty, or has a comma too many"),
        (["probe", "local"], "device local: is always there, and no device of the inventory"),
        (["remove", "x"], "device x: "),
        (["remove"], "Missing argument 'NAME...'"),
        (["list", "--inventory", "/dev/zero"], "/dev/zero: is not a regular file; give a list of devices"),
        (["add", "x", "--adb", "1", "--no-probe", "--inventory", "/proc/x"], "/proc/x: cannot be written"),
    ],
)
def test_mistakes_are_one_line(run: CommandRun, own: Path, words: list[str], message: str) -> None:
    assert run(*words, code=2) == ""
    assert run.err.count("\n") == 1
    assert message in run.err
    assert not own.exists()


def test_control_characters_of_a_device_do_not_reach_the_terminal(run: CommandRun, tmp_path: Path) -> None:
    run("add", "x", "--this-host", "--folder", str(tmp_path / "[red]x[/red]"), "--no-probe")
    assert "[red]x[/red]" in run("list")
    assert "[red]x[/red]" in run("probe", "x")


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("board", SshAddress("board"), "ssh board"),
        ("pi@10.0.0.7:22", SshAddress("10.0.0.7", "pi", 22), "ssh pi@10.0.0.7:22"),
        ("fe80::1%eth0", SshAddress("fe80::1%eth0"), "ssh fe80::1%eth0"),
        ("me@corp@[::1]", SshAddress("::1", "me@corp"), "ssh me@corp@::1"),
        ("[::1]:22", SshAddress("::1", None, 22), "ssh [::1]:22"),
    ],
)
def test_addresses(text: str, address: SshAddress, shown: str) -> None:
    assert ssh_address(text) == address
    assert address_text(address) == shown


@pytest.mark.parametrize(
    "text", ["", "@", "pi@", "@h", "h:", "[::1", "[::1]22", "[]", "a b", "h:x", "h:99999", "-h"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InputError, match=r"--ssh"):
        ssh_address(text)


def test_ctrl_c_does_not_wait_for_a_device_that_is_silent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"{{host: 127.0.0.1, port: {silent.getsockname()[1]}, user: x}}"
        inventory = tmp_path / "devices.yml"
        inventory.write_text(f"inventory: 1\ndevices:\n  silent: {{ssh: {address}}}\n")
        command = [sys.executable, "-m", "deploy_tools.cli.main", "devices", "probe", "silent"]
        with subprocess.Popen(
            [*command, "--inventory", str(inventory)],
            cwd=Path(__file__).resolve().parents[3],
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            silent.settimeout(60)
            connection, _ = silent.accept()
            with connection:
                time.sleep(0.2)
                start = time.monotonic()
                process.send_signal(signal.SIGINT)
                _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (130, "ppocr-edge: interrupted\n")
        assert time.monotonic() - start < _BANNER_SECONDS - 5, "so long an SSH banner is waited for"
