"""The probe's script, run by the shells that devices have, on machines made of files."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.devices.probe.facts import Cluster, Temperature
from tests.deploy_tools.devices.probe.made_machine import USERLANDS, MadeMachine, Userland, cores

SH = USERLANDS[0]
PIXEL_6 = [(4, 1803000, "0x41/0xd05"), (2, 2253000, "0x41/0xd41"), (2, 2850000, "0x41/0xd44")]
MEMORY = """\
MemTotal:        7998720 kB
MemFree:          213456 kB
MemAvailable:    5120000 kB
Buffers:               1 kB
Cached:                2 kB
"""


def phone(root: Path) -> MadeMachine:
    machine = MadeMachine(
        root,
        "Linux 5.10.149-android13-4-00003 aarch64",
        {
            **cores(PIXEL_6, "sched_pixel"),
            "/proc/meminfo": MEMORY,
            "/sys/class/thermal/thermal_zone0/type": "BIG\n",
            "/sys/class/thermal/thermal_zone0/temp": "41250\n",
            "/sys/class/thermal/thermal_zone1/type": "LITTLE\n",
            "/sys/class/thermal/thermal_zone1/temp": "39\n",
            "/sys/class/thermal/thermal_zone10/type": "battery\n",
            "/sys/class/thermal/thermal_zone10/temp": "312",
            "/sys/class/thermal/thermal_zone11/type": "unused\n",
            "/sys/class/thermal/thermal_zone11/temp": "-274000\n",
            "/sys/class/thermal/thermal_zone12/type": "has no temp\n",
            "/system/bin/linker64": "",
            "/system/bin/linker": "",
            "/system/bin/getprop": "",
            "/vendor/lib64/libOpenCL.so": "",
        },
        {
            "ro.product.manufacturer": "Google",
            "ro.product.model": "Pixel 6",
            "ro.board.platform": "gs101",
            "ro.soc.manufacturer": "Google",
            "ro.soc.model": "GS101",
            "ro.build.version.release": "13",
            "ro.build.version.sdk": "33",
            "ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a,armeabi",
        },
    )  # fmt: skip
    machine.make()
    return machine


def board(root: Path) -> MadeMachine:
    machine = MadeMachine(
        root,
        "Linux 6.1.21-v8+ aarch64",
        {
            **cores([(4, 1800000, "0x41/0xd08")], "ondemand"),
            "/proc/meminfo": MEMORY,
            "/sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
            "/sys/class/thermal/thermal_zone0/temp": "48199\n",
            "/proc/device-tree/model": b"Raspberry Pi 4 Model B Rev 1.4\0",
            "/proc/device-tree/compatible": b"raspberrypi,4-model-b\0brcm,bcm2711\0",
            "/etc/os-release": 'NAME="Debian"\nPRETTY_NAME="Raspbian GNU/Linux 11 (bullseye)"\n',
            "/lib/ld-linux-aarch64.so.1": "",
            "/usr/lib/aarch64-linux-gnu/libstdc++.so.6": "",
            "/usr/lib/aarch64-linux-gnu/libgomp.so.1": "",
        },
    )
    machine.make()
    return machine


@pytest.mark.parametrize("userland", USERLANDS, ids=str)
def test_a_phone(tmp_path: Path, userland: Userland) -> None:
    made = phone(tmp_path)
    began = time.time()
    probe = made.probe(userland, "/data/local/tmp/my ocr")
    took = time.time() - began
    assert (probe.system, probe.kernel, probe.machine) == ("Linux", "5.10.149-android13-4-00003", "aarch64")
    assert (probe.os, probe.android_api, probe.abis[0]) == ("Android 13", 33, "arm64-v8a")
    assert (probe.board, probe.soc) == ("Google Pixel 6", "Google GS101")
    assert probe.clusters == (
        Cluster(2, "Cortex-X1", 2850000),
        Cluster(2, "Cortex-A78", 2253000),
        Cluster(4, "Cortex-A55", 1803000),
    )
    assert str(probe.clusters[0]) == "2 × Cortex-X1 at 2.85 GHz"
    assert [core.online for core in probe.cores] == [True] * 8
    assert probe.governors == ("sched_pixel",)
    assert (probe.has_fp16, probe.has_dot_product) == (True, True)
    assert probe.memory_bytes == 7998720 * 1024
    assert probe.memory_free_bytes == 5120000 * 1024
    assert set(probe.temperatures) == {
        Temperature("BIG", 41.25),
        Temperature("LITTLE", 39.0),
        Temperature("battery", 31.2),
    }
    assert probe.hottest == Temperature("BIG", 41.25)
    assert [Path(one).name for one in probe.loaders] == ["linker", "linker64"]
    assert [Path(one).name for one in probe.libraries] == ["libOpenCL.so"]
    assert (probe.folder, probe.folder_exists) == ("/data/local/tmp/my ocr", False)
    assert probe.pythons == ()
    assert probe.sha256_tool == "sha256sum"
    assert probe.clock_offset is not None
    assert abs(probe.clock_offset) <= 1.5 + took  # the answer may have been long under way
    assert probe.free_bytes is not None
    there = os.statvfs("/")
    # toybox counts what is reserved for root where root asks
    room = (there.f_bavail * there.f_frsize, there.f_bfree * there.f_frsize)
    assert min(abs(probe.free_bytes - size) for size in room) < 2e9


@pytest.mark.parametrize("userland", USERLANDS, ids=str)
def test_a_board(tmp_path: Path, userland: Userland) -> None:
    made = board(tmp_path)
    folder = tmp_path / "it's $(here)\n\\n & there "
    runner = folder / "runners" / "linux-arm64-0123"
    runner.mkdir(parents=True)
    for name in ("ppocr_runner", "libpaddle_light_api_shared.so", "manifest.json"):
        (runner / name).touch()
    probe = made.probe(userland, str(folder))
    assert probe.os == "Raspbian GNU/Linux 11 (bullseye)"
    assert probe.android_api is None
    assert probe.board == "Raspberry Pi 4 Model B Rev 1.4"
    assert probe.clusters == (Cluster(4, "Cortex-A72", 1800000),)
    assert probe.bits == 64
    assert [Path(one).name for one in probe.libraries] == ["libstdc++.so.6", "libgomp.so.1"]
    assert probe.folder == str(folder)
    assert (probe.folder_exists, probe.folder_writable) == (True, True)
    assert probe.installed == (
        "linux-arm64-0123/ppocr_runner",
        "linux-arm64-0123/libpaddle_light_api_shared.so",
    )
    if userland.programs != "toybox":  # which has no tr, to tell the words of `compatible` apart
        assert probe.soc == "brcm,bcm2711"


@pytest.mark.parametrize("userland", USERLANDS, ids=str)
def test_a_machine_that_tells_nothing(tmp_path: Path, userland: Userland) -> None:
    made = MadeMachine(tmp_path, "Linux 4.4.0 armv7l")
    made.make()
    probe = made.probe(userland, "")
    assert (probe.machine, probe.board, probe.soc, probe.os, probe.cores) == ("armv7l", None, None, None, ())
    assert (probe.memory_bytes, probe.hottest, probe.governors, probe.loaders) == (None, None, (), ())
    assert probe.folder == str(tmp_path / "home" / ".ppocr-edge")
    assert probe.folder_writable


def test_cores_that_are_parked_or_not_in_sys(tmp_path: Path) -> None:
    made = board(tmp_path)
    cpu = tmp_path / "sys/devices/system/cpu"
    (cpu / "cpu3/online").write_text("0\n")
    probe = made.probe(SH)
    assert [core.number for core in probe.cores if not core.online] == [3]
    (tmp_path / "sys").rename(tmp_path / "gone")
    assert [(core.number, core.khz) for core in made.probe(SH).cores] == [(n, None) for n in range(4)]


def test_an_old_kernel_names_the_core_once(tmp_path: Path) -> None:
    made = board(tmp_path)
    (tmp_path / "proc/cpuinfo").write_text(
        "Processor\t: ARMv7 Processor rev 5 (v7l)\nprocessor\t: 0\nBogoMIPS\t: 38\n\nprocessor\t: 1\n\n"
        "Features\t: swp half neon vfpv4\nCPU implementer\t: 0x41\nCPU part\t: 0xc07\n\nHardware\t: sun8i\n"
    )
    (tmp_path / "proc/device-tree/compatible").unlink()
    probe = made.probe(SH)
    assert {core.model for core in probe.cores[:2]} == {"Cortex-A7"}
    assert probe.soc == "sun8i"
    assert "neon" in probe.features
    assert not probe.has_fp16


def test_a_core_that_nobody_knows(tmp_path: Path) -> None:
    made = board(tmp_path)
    text = (tmp_path / "proc/cpuinfo").read_text().replace("0xd08", "0xfff").replace("0x41", "0x99")
    (tmp_path / "proc/cpuinfo").write_text(text)
    assert made.probe(SH).clusters == (Cluster(4, "core 0x99/0xfff", 1800000),)


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    made = board(tmp_path)
    file = tmp_path / "file"
    file.touch()
    probe = made.probe(SH, f"{file}/ocr")
    assert (probe.folder_exists, probe.folder_writable) == (False, False)
    assert made.probe(SH, str(file)).folder_writable is False


def test_a_tool_that_computes_nothing_is_none(tmp_path: Path) -> None:
    made = board(tmp_path)
    for name in ("sha256sum", "toybox", "busybox", "openssl", "shasum"):
        made.program(name, "echo not compiled in; exit 1")
    assert made.probe(SH).sha256_tool is None
    made.program("openssl", "echo e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 stdin")
    assert made.probe(SH).sha256_tool == "openssl dgst -sha256 -r"


class TestPython:
    def test_the_named_one_alone_is_asked(self, tmp_path: Path) -> None:
        made = board(tmp_path)
        made.program("odd py", 'echo py_version=3.9; echo py_has=numpy; echo "py_error=$1 $#"; echo py_end=1')
        (python,) = made.probe(SH, python=f"{tmp_path}/bin/odd py").pythons
        assert python.path == f"{tmp_path}/bin/odd py"
        assert (python.version, python.packages, python.error) == ("3.9", {"numpy"}, "-c 2")

    def test_in_the_home_folder(self, tmp_path: Path) -> None:
        made = board(tmp_path)
        (tmp_path / "home" / "venv").mkdir(parents=True)
        made.program("../home/venv/python", "echo py_version=3.10.1; echo py_end=1")
        for named in ("~/venv/python", "venv/python"):
            (python,) = made.probe(SH, python=named).pythons
            assert python.version == "3.10.1"

    def test_one_that_is_not_there(self, tmp_path: Path) -> None:
        assert board(tmp_path).probe(SH, python="/no/such").pythons == ()

    def test_one_that_dies_while_it_loads_the_library(self, tmp_path: Path) -> None:
        made = board(tmp_path)
        made.program("python3", "echo py_version=3.10.1; echo py_has=numpy; kill -ABRT $$")
        made.program("python3.10", "exit 1")
        made.program("python", "echo py_version=2.7; echo py_error=; echo py_end=1")
        by_name = {Path(one.path).name: one for one in made.probe(SH, python="").pythons}
        assert by_name["python3"].error == "Python died while it loaded the library"
        assert by_name["python3.10"].error == "it does not run"
        assert by_name["python3.10"].version is None
        assert by_name["python"].error == "it cannot be imported"

    def test_the_same_under_two_names_is_asked_once(self, tmp_path: Path) -> None:
        made = board(tmp_path)
        made.program("python3", "echo py_version=3.10.1; echo py_end=1")
        for name in ("python3.10", "python"):
            made.program(name, "exit 1")
        assert [Path(one.path).name for one in made.probe(SH, python="").pythons] == [
            "python3",
            "python3.10",
            "python",
        ]


def test_everything_is_plain_values_for_machines(tmp_path: Path) -> None:
    import json

    probe = replace(phone(tmp_path).probe(SH), clock_offset=0.5)
    values = json.loads(json.dumps(probe.to_json()))
    assert values["clusters"][0] == {"count": 2, "model": "Cortex-X1", "khz": 2850000}
    assert values["features"] == sorted(probe.features)
    assert values["temperatures"][0] == {"zone": "BIG", "celsius": 41.25}
