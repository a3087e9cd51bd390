"""How warm and how fast a device is: the script in every shell, and answers of all kinds."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy_tools.devices.store.asking import compact
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.scenarios import environment, looking
from deploy_tools.scenarios.environment import ask_power, parse_power
from deploy_tools.scenarios.looking import look_at, parse_look
from tests.deploy_tools.devices.probe.made_machine import USERLANDS, Userland

FILES = {
    "sys/class/thermal/thermal_zone0/temp": "48312\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone1/temp": "51\n",
    "sys/class/thermal/thermal_zone1/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone2/temp": "-274000\n",
    "sys/class/thermal/thermal_zone3/type": "broken\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "600000\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "1500000\n",
    "sys/devices/system/cpu/cpu11/cpufreq/scaling_cur_freq": "1800000\n",
    "sys/devices/system/cpu/cpufreq/policy0/x": "",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "50000\n",
}
BATTERY = {
    "sys/class/power_supply/usb/type": "USB\n",
    "sys/class/power_supply/battery/type": "Battery\n",
    "sys/class/power_supply/battery/capacity": "87\n",
    "sys/class/power_supply/battery/status": "Discharging\n",
}
DUMPSYS = """Current Battery Service state:
  AC powered: false
  USB powered: true
  status: 2
  level: 64
  scale: 100
"""


def ask(userland: Userland, text: str, root: Path) -> str:
    """Run a script that sees a machine of files."""
    userland.require()
    shell = shutil.which(userland.shell[0])
    assert shell is not None
    text = re.sub(r"(?<![\w\"$}/*])/(sys)/", rf"{root}/\1/", compact(text))
    path = f"{root}/bin:{userland.make_programs(root / 'programs')}"
    words = [shell, *userland.shell[1:], "-c", text, "sh"]
    done = subprocess.run(words, capture_output=True, env={"PATH": path}, timeout=60, check=True)
    assert done.stderr == b""
    return done.stdout.decode()


def make(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


@pytest.mark.parametrize("userland", USERLANDS, ids=str)
def test_every_shell_looks(userland: Userland, tmp_path: Path) -> None:
    make(tmp_path, FILES)
    look = parse_look(ask(userland, looking._LOOK, tmp_path), 1.5)
    assert look is not None
    assert look.reading.at == 1.5
    assert look.reading.celsius == {"cpu-thermal": 48.312, "cpu-thermal 2": 51.0}
    assert look.reading.khz == {0: 600000, 11: 1800000}
    assert look.limits == {0: 1500000}
    assert (look.celsius, look.khz, look.tells) == (51.0, 1800000, True)
    assert not look.capped, "it was once, it is not now"
    make(tmp_path, {"sys/devices/platform/soc/soc:firmware/get_throttled": "0x50004\n"})
    capped = parse_look(ask(Userland(["dash"]), looking._LOOK, tmp_path), 0)
    assert capped is not None
    assert capped.capped


@pytest.mark.parametrize("userland", USERLANDS, ids=str)
def test_every_shell_tells_of_the_battery(userland: Userland, tmp_path: Path) -> None:
    make(tmp_path, BATTERY)
    assert parse_power(ask(userland, environment._POWER, tmp_path)) == (87, False)
    other = tmp_path / "other"
    make(other, {"bin/dumpsys": f"#!/bin/sh\ncat <<E\n{DUMPSYS}E\n", "sys/x": ""})
    (other / "bin/dumpsys").chmod(0o755)
    text = ask(Userland(["dash"]), environment._POWER, other)
    assert parse_power(text) == (64, True)


@pytest.mark.parametrize(
    ("answer", "power"),
    [
        ("=end\n", (None, None)),
        ("percent=100\nstatus=Full\n=end", (100, True)),
        ("percent=none\nstatus=Charging\n", (None, True)),
        ("said=level: 5\nsaid=AC powered: false\nsaid=USB powered: false\n", (5, False)),
    ],
)
def test_answers_about_power(answer: str, power: tuple[int | None, bool | None]) -> None:
    assert parse_power(answer) == power


def test_answers_that_are_none() -> None:
    assert parse_look("khz=0 1\n", 0) is None, "broken off"
    odd = parse_look("hello\nkhz=a b\nkhz=1\nlimit=1 99999999999\nfirmware=zz\ntemperature=hot\n=end\n", 0)
    assert odd is not None
    assert not odd.tells


def test_this_host_answers(tmp_path: Path) -> None:
    wire = HostWire("here", tmp_path)
    assert look_at(wire, 2.0) is not None
    assert wire.round_trips == 1, "cheap: asked between samples"
    ask_power(wire)


def test_a_device_that_does_not_answer_is_no_failure(tmp_path: Path) -> None:
    assert look_at(HostWire("gone", tmp_path / "nosuch"), 0) is None
