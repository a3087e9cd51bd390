"""Answers of devices, read: whole, damaged, and with other programs' words around them."""

from __future__ import annotations

import platform
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry, HostAddress
from deploy_tools.devices.probe.ability import abilities
from deploy_tools.devices.probe.answer import parse_answer
from deploy_tools.devices.probe.facts import Probe, PythonThere
from deploy_tools.devices.probe.probe import probe_device
from deploy_tools.devices.wire.host import HostWire
from edge.errors import DeviceError

ANSWER = b"""\
uname=Linux 6.1.0 aarch64
id=uid=1000(pi) gid=1000(pi) groups=1000(pi),20(dialout)
bits=64
core=0
khz=1800000
cpu=processor\t: 0
cpu=CPU implementer\t: 0x41
cpu=CPU part\t: 0xd08
memory=MemTotal:        1000 kB
memory=MemFree:          300 kB
loader=/lib/ld-linux-aarch64.so.1
library=/usr/lib/libstdc++.so.6
library=/usr/lib/libgomp.so.1
df=Filesystem           1024-blocks    Used Available Capacity Mounted on
df=/dev/a very long name that
df=                      100000     40000     60000  40% /
clock=1000
folder=/home/pi/.ppocr-edge
=end
"""


def test_a_board() -> None:
    probe = parse_answer(ANSWER, 1003.25)
    assert (probe.kernel, probe.machine, probe.user, probe.bits) == ("6.1.0", "aarch64", "pi", 64)
    assert [str(one) for one in probe.clusters] == ["1 × Cortex-A72 at 1.80 GHz"]
    assert (probe.memory_bytes, probe.memory_free_bytes) == (1000 * 1024, 300 * 1024)
    assert probe.free_bytes == 60000 * 1024
    assert probe.clock_offset == -2.75
    assert probe.folder == "/home/pi/.ppocr-edge"


def test_other_words_around_it_do_no_harm() -> None:
    noisy = b"Welcome!\nsh: x=1: not found\nA=B\n" + ANSWER + b"logout\n"
    assert parse_answer(noisy, 0) == parse_answer(ANSWER, 0)
    assert parse_answer(ANSWER.replace(b"\n", b"\r\n"), 0) == parse_answer(ANSWER, 0)
    assert parse_answer(ANSWER.replace(b"\nid=", b"\n\xff\xfe\nid="), 0) == parse_answer(ANSWER, 0)


@pytest.mark.parametrize("cut", [0, 1, 40, 200, 400, ANSWER.index(b"\nfolder"), len(ANSWER) - 6])
def test_an_answer_that_is_cut_is_none(cut: int) -> None:
    with pytest.raises(ValueError, match="is not complete"):
        parse_answer(ANSWER[:cut], 0)


def test_values_that_are_none() -> None:
    odd = (
        ANSWER.replace(b"1800000", b"<unknown>")
        .replace(b"clock=1000", b"clock=")
        .replace(b"bits=64", b"bits=")
    )
    odd = odd.replace(b"0xd08", b"huh").replace(b"60000  40%", b"-").replace(b"MemTotal: ", b"MemTotal:x")
    probe = parse_answer(odd.replace(b"core=0", b"core=99999999999999999999"), 0)
    assert (probe.bits, probe.clock_offset, probe.free_bytes, probe.memory_bytes) == (None, None, None, None)
    assert [str(one) for one in probe.clusters] == ["1 × core"]
    with pytest.raises(ValueError, match="what system it is"):
        parse_answer(ANSWER.replace(b"Linux 6.1.0 aarch64", b""), 0)


def test_temperatures_are_degrees_however_they_are_written() -> None:
    zones = b"temperature=48199 cpu\ntemperature=412 gpu\ntemperature=37 pmic\ntemperature=-5000 out\n"
    none = b"temperature=-274000 off\ntemperature=200000 odd\ntemperature=x\ntemperature=\n"
    probe = parse_answer(zones + none + ANSWER, 0)
    assert [(one.zone, one.celsius) for one in probe.temperatures] == [
        ("cpu", 48.199), ("gpu", 41.2), ("pmic", 37.0), ("out", -5.0),
    ]  # fmt: skip


class TestThisHost:
    def test_in_one_round_trip_and_without_a_trace(self, tmp_path: Path) -> None:
        wire = HostWire("here", tmp_path)
        began = time.time()
        probe = probe_device(wire, DeviceEntry("here", HostAddress(), python=sys.executable))
        took = time.time() - began
        assert wire.round_trips == 1
        assert probe.machine == platform.machine()
        assert probe.kernel == platform.release()
        assert probe.folder == f"{tmp_path}/.ppocr-edge"
        assert not list(tmp_path.iterdir())
        assert probe.clock_offset is not None
        assert abs(probe.clock_offset) < 2 + took  # the answer may have been long under way
        (python,) = probe.pythons
        assert python.version == platform.python_version()
        assert python.error == ""
        assert {"numpy", "paddlelite"} <= python.packages
        assert python.library_version == "v2.13-rc"

    def test_a_shell_that_is_none(self, tmp_path: Path) -> None:
        class Menu(HostWire):
            """What answers on a router: no shell."""

            def run(self, command, **more):  # type: ignore[no-untyped-def]
                return super().run(["echo", "1) Status  2) Reboot"], **more)

        with pytest.raises(DeviceError, match=r"here: its shell did not answer .*'1\) Status 2\) Reboot'"):
            probe_device(Menu("here", tmp_path), DeviceEntry("here", HostAddress()))


class TestAbilities:
    pi: Probe = parse_answer(ANSWER, 0)
    entry = DeviceEntry("pi", HostAddress())

    def test_a_board_needs_a_library(self) -> None:
        (native,) = abilities(self.pi, self.entry)
        assert (native.runner, native.abi, native.targets, native.ready) == (
            "native",
            "linux-arm64",
            ("arm",),
            False,
        )
        assert native.missing == (
            "a Paddle-Lite library for linux-arm64: name its folder on this host with --lite-home",
        )

    def test_a_library_that_is_none(self, tmp_path: Path) -> None:
        (native,) = abilities(self.pi, replace(self.entry, lite_home=tmp_path))
        assert native.missing[0].startswith(
            f"a Paddle-Lite library for linux-arm64: lite_home {tmp_path}: has"
        )

    def test_a_board_without_the_runtime(self) -> None:
        (native,) = abilities(replace(self.pi, libraries=("/usr/lib/libgomp.so.1",)), self.entry)
        assert "libstdc++.so.6: install them there" in native.missing

    def test_a_board_with_musl(self) -> None:
        musl = replace(self.pi, loaders=("/lib/ld-musl-aarch64.so.1",))
        assert any(
            one.startswith("glibc: this system has musl") for one in abilities(musl, self.entry)[0].missing
        )

    def test_a_64_bit_kernel_with_32_bit_programs(self) -> None:
        (native,) = abilities(replace(self.pi, bits=32, loaders=("/lib/ld-linux-armhf.so.3",)), self.entry)
        assert native.abi == "linux-armhf"

    def test_a_phone_with_opencl(self) -> None:
        phone = replace(self.pi, abis=("arm64-v8a",), libraries=("/vendor/lib64/libOpenCL.so",))
        (native,) = abilities(phone, DeviceEntry("p", AdbAddress("X")))
        assert (native.abi, native.targets) == ("android-arm64", ("arm", "arm,opencl"))
        assert not any("libstdc++" in one for one in native.missing)

    def test_a_machine_that_nobody_has_models_for(self) -> None:
        (native,) = abilities(replace(self.pi, machine="riscv64"), self.entry)
        assert native.targets == ()
        assert native.missing[0].startswith("a runner for linux-riscv64: runners are built for linux-arm64")

    def test_python_comes_first_where_it_is_ready(self) -> None:
        ready = PythonThere("/usr/bin/python3", "3.10.4", frozenset({"numpy", "paddlelite"}), "2.13rc0")
        x86 = replace(self.pi, machine="x86_64", pythons=(ready,))
        python, native = abilities(x86, replace(self.entry, python="/usr/bin/python3"))
        assert (python.runner, python.ready, python.targets) == ("python", True, ("x86",))
        assert native.ready is False
        unnamed = abilities(x86, self.entry)
        assert any("add --python /usr/bin/python3" in text for one in unnamed for text in one.missing)

    def test_what_python_lacks(self) -> None:
        entry = replace(self.entry, python="/opt/py")
        lacks = {
            (): "Python: there is no /opt/py",
            (PythonThere("/opt/py", error="it does not run"),): "a Python that runs: /opt/py does not",
            (PythonThere("/opt/py", "3.9"),): "numpy in /opt/py: install it there",
            (PythonThere("/opt/py", "3.9", frozenset({"numpy"}), error="bad magic"),): (
                "paddlelite in /opt/py, Python 3.9: its wheels are for x86-64 (bad magic)"
            ),
        }
        for pythons, message in lacks.items():
            found = abilities(replace(self.pi, pythons=pythons), entry)
            assert any(message in one.missing for one in found), message
