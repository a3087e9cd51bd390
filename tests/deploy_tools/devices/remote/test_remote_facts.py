"""What is asked of a device before anything is sent."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from deploy_tools.devices.remote.facts import DeviceFacts, ask_facts
from deploy_tools.devices.wire.host import HostWire
from edge.errors import DeviceError


@pytest.mark.parametrize(
    ("machine", "bits", "android", "abi", "target"),
    [
        ("aarch64", 64, "", "linux-arm64", "arm"),
        ("aarch64", 0, "", "linux-arm64", "arm"),
        ("aarch64", 32, "", "linux-armhf", "arm"),  # a 64-bit kernel under Raspberry Pi OS of 32 bits
        ("armv7l", 32, "", "linux-armhf", "arm"),
        ("aarch64", 64, "arm64-v8a", "android-arm64", "arm"),
        ("armv8l", 32, "armeabi-v7a", "android-armv7", "arm"),
        ("x86_64", 64, "", "linux-x86_64", "x86"),
        ("x86_64", 32, "", "linux-x86", "x86"),
        ("i686", 32, "", "linux-x86", "x86"),
        ("x86_64", 64, "x86_64", "android-x86_64", "x86"),
        ("riscv64", 64, "", "linux-riscv64", ""),
    ],
)
def test_what_a_device_is_called(machine: str, bits: int, android: str, abi: str, target: str) -> None:
    facts = DeviceFacts(machine, bits, android)
    assert (facts.abi, facts.target) == (abi, target)


def test_this_host(tmp_path: Path) -> None:
    wire = HostWire("here", tmp_path)
    facts = ask_facts(wire, sys.executable)
    assert facts.machine == platform.machine()
    assert facts.bits == 64
    assert facts.python == sys.executable
    assert facts.python_version == "3.10"
    assert facts.packages == {"numpy", "paddlelite"}
    assert facts.lite_version == "v2.13-rc"
    assert wire.round_trips == 1


def test_pythons_by_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "h o'me"
    home.mkdir()
    (home / "py").symlink_to(sys.executable)
    wire = HostWire("here", home)
    assert ask_facts(wire, "~/py").python == f"{home}/py"
    monkeypatch.setenv("PATH", f"{home}{os.pathsep}{os.environ['PATH']}")
    assert ask_facts(wire, "py").python == f"{home}/py"
    assert ask_facts(wire, None).python == ""
    assert ask_facts(wire, "/nosuch/python").python == ""


def test_something_that_is_no_python(tmp_path: Path) -> None:
    facts = ask_facts(HostWire("here", tmp_path), "/bin/false")
    assert (facts.python, facts.python_version, facts.packages) == ("/bin/false", "", frozenset())


def test_android_by_its_own_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    getprop = tmp_path / "getprop"
    getprop.write_text('#!/bin/sh\n[ "$1" = ro.product.cpu.abi ] && echo armeabi-v7a\n')
    getprop.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert ask_facts(HostWire("here", tmp_path), None).abi == "android-armv7"


def test_a_shell_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uname").write_text("#!/bin/sh\necho nothing here >&2\nexit 1\n")
    (tmp_path / "uname").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(
        DeviceError, match=r"^here: its shell does not say what machine it is \(nothing here\)"
    ):
        ask_facts(HostWire("here", tmp_path), None)
