"""Inventory files: what they may say, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import (
    AdbAddress,
    DeviceEntry,
    HostAddress,
    HostKeys,
    SshAddress,
)
from deploy_tools.devices.inventory.names import check_name
from deploy_tools.devices.inventory.place import inventory_file
from deploy_tools.devices.inventory.reading import load_inventory, read_inventory
from edge.errors import InputError

WHOLE = """\
inventory: 1
devices:
  pi4:  # on the shelf
    ssh: {host: 10.0.0.7, user: pi, port: 2222, identity: keys/pi, ask_password: true, host_keys: accept-new}
    folder: /mnt/big disk/$(ocr)
    lite_home: ~/lite
    threads: 4
    power_mode: high
  "Täglich's \\"pixel\\"":
    adb: 0123
    python: /usr/bin/python3
  1: {this_host: true}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "devices.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_that_can_be_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    inventory = read_inventory(write(tmp_path, WHOLE))
    address = SshAddress("10.0.0.7", "pi", 2222, tmp_path / "keys/pi", True, HostKeys.ACCEPT_NEW)
    assert inventory.all == (
        DeviceEntry("pi4", address, "/mnt/big disk/$(ocr)", Path("/home/me/lite"), None, 4, "high"),
        DeviceEntry('Täglich\'s "pixel"', AdbAddress("0123"), python="/usr/bin/python3"),
        DeviceEntry("1", HostAddress()),
    )
    assert inventory.find("pi4").threads == 4


@pytest.mark.parametrize("text", ["", "\n# mine\n", "inventory: 1\n", "inventory: 1\ndevices:\n"])
def test_no_devices(tmp_path: Path, text: str) -> None:
    inventory = read_inventory(write(tmp_path, text))
    assert inventory.all == ()
    with pytest.raises(InputError, match=r"--device pi4: .*devices.yml names no devices; add it with"):
        inventory.find("pi4")


def test_a_file_that_is_not_there_names_none(tmp_path: Path) -> None:
    assert read_inventory(tmp_path / "no" / "devices.yml").all == ()


def test_a_wrong_name_is_answered_with_the_right_ones(tmp_path: Path) -> None:
    inventory = read_inventory(write(tmp_path, WHOLE))
    with pytest.raises(InputError, match=r"--device p4: there is no .*; did you mean pi4\?"):
        inventory.find("p4")
    with pytest.raises(InputError, match="it names pi4, Täglich"):
        inventory.find("orange")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("inventory: 1\n", "", r"devices.yml:1: inventory: is missing; add 'inventory: …'"),
        ("inventory: 1", "inventory: 2", r"yml:1: inventory: is format 2; this version reads format 1"),
        ("devices:", "device:", r"yml:2: device: is no key here; .*did you mean devices\?"),
        ("port: 2222", "port: 65536", r"yml:4: devices.pi4.ssh.port: is '65536'; write a whole number, 1 to"),
        ("port: 2222", "port: '22'", "devices.pi4.ssh.port: is '22'; write a whole number"),
        ("host: 10.0.0.7", "host: -oProxyCommand=x", "pi4.ssh.host: is '-oProxyCommand=x'; write it without"),
        ("host: 10.0.0.7, ", "", r"yml:4: devices.pi4.ssh.host: is missing"),
        ("accept-new", "never", "ssh.host_keys: is 'never'; write one of strict, accept-new"),
        ("ask_password: true", "password: secret", "ssh.password: is no key here; keys are: host, user"),
        ("threads: 4", "threads: 0", r"yml:7: devices.pi4.threads: is '0'; write a whole number, 1 to 256"),
        ("power_mode: high", "power_mode: hi", r"pi4.power_mode: is 'hi'.*did you mean high\?"),
        ("threads:", "thread:", r"devices.pi4.thread: is no key here; .*did you mean threads\?"),
        ("    adb: 0123\n", "", r"yml:10: devices.Täglich.*: does not say how to reach it; write one of"),
        ("    adb: 0123", "    adb: 0123\n    this_host: true", "pixel\": has adb and this_host; write one"),
        ("this_host: true", "this_host: false", "devices.1.this_host: is false"),
        ("lite_home: ~/lite", "lite_home: ~no-such-user/lite", "lite_home: is .*there is no such user"),
        ("  1:", "  a,b:", "devices.a,b: has a comma, which stands between names; choose another name"),
        ("  1:", "  all:", "devices.all: means something else after --device"),
        ("  1:", "  pi4:", r"devices.pi4: stands twice \(first in line 3\); remove one"),
        ("  1:", "  -x:", "devices.-x: begins with '-'"),
        ("{this_host: true}", "[a]", "devices.1: is a list; write a mapping of keys to values"),
        ("folder:", "&f folder:", r"yml:5: uses an anchor or an alias"),
        ("{this_host", "!!python/object {this_host", "uses a tag"),
        ("inventory: 1\n", "inventory: 1\n  x: [\n", r"yml:\d+: is not YAML .*docs/devices/inventory.md"),
    ],
)  # fmt: skip
def test_mistakes_name_line_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert WHOLE.count(old) == 1
    with pytest.raises(InputError, match=message) as caught:
        read_inventory(write(tmp_path, WHOLE.replace(old, new)))
    assert "recipe" not in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


def test_files_that_are_no_inventory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read .Is a directory.*a list of devices"):
        read_inventory(tmp_path)
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_inventory(tmp_path / "binary.yml")
    with pytest.raises(InputError, match="is not a regular file; give a list of devices"):
        read_inventory(Path("/dev/zero"))


def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PPOCR_EDGE_INVENTORY", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    assert inventory_file() == Path("/home/me/.config/ppocr-edge/devices.yml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert inventory_file() == tmp_path / "ppocr-edge" / "devices.yml"
    monkeypatch.setenv("PPOCR_EDGE_INVENTORY", "~/lab.yml")
    assert inventory_file() == Path("/home/me/lab.yml")
    assert inventory_file(Path("mine.yml")) == Path("mine.yml")
    monkeypatch.setenv("PPOCR_EDGE_INVENTORY", str(write(tmp_path, WHOLE)))
    assert load_inventory().all[0].name == "pi4"


@pytest.mark.parametrize("name", ["pi4", "my board", "Täglich", "$(reboot)", "a'b\"c", "10.0.0.7:55", "电脑"])
def test_names_that_can_be(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name", ["", "a,b", "local", "paddle", "qemu-arm64", "all", "-x", " a", "a ", "a\nb", "a\tb", "x" * 81]
)
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InputError, match=r"^device name .*; choose another name"):
        check_name(name)
