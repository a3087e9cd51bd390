"""Where and with what something is measured: asked of the device, its runner and this host."""

from __future__ import annotations

import platform
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import edge
from deploy_tools.devices.base import Device
from deploy_tools.devices.emulated import EmulatedDevice
from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry, SshAddress
from deploy_tools.devices.probe.answer import parse_answer
from deploy_tools.devices.probe.asked import probe_script
from deploy_tools.devices.probe.facts import Probe
from deploy_tools.devices.settings import RunSettings
from deploy_tools.devices.store.asking import compact, folder_argument
from deploy_tools.devices.wire.wire import Wire, script
from deploy_tools.measurement.environment import Environment
from edge.errors import DeviceError

_SECONDS: Final = 30.0
_LIBRARIES: Final = {"paddlelite": "Paddle-Lite"}
_POWER: Final = r"""
exec 2>/dev/null
for b in /sys/class/power_supply/*; do
    v=; read -r v <$b/type
    [ "$v" = Battery ] || continue
    v=; read -r v <$b/capacity; [ -n "$v" ] && echo "percent=$v"
    v=; read -r v <$b/status; [ -n "$v" ] && echo "status=$v"
    break
done
[ -n "$v" ] || dumpsys battery | while read -r v; do echo "said=$v"; done
echo =end
"""


def ask_environment(device: Device, wire: Wire, entry: DeviceEntry) -> Environment:
    """What a device is; two round trips. What its runner tells is added by `with_runner`.

    Raises:
        DeviceError: It cannot be reached.
    """
    empty = Environment(device=device.name, host=platform.node(), wire=_wire_name(entry))
    probe = _probe(wire, entry)
    if probe is None:
        return empty
    percent, charging = ask_power(wire)
    return replace(
        empty,
        machine=probe.machine,
        os=probe.os or probe.system,
        kernel=probe.kernel,
        board=probe.board or "",
        soc=probe.soc or "",
        cores=", ".join(map(str, probe.clusters)).replace("×", "x"),
        governor="+".join(probe.governors),
        memory_bytes=probe.memory_bytes,
        battery_percent=percent,
        charging=charging,
    )


def with_runner(
    environment: Environment, device: Device, info: Mapping[str, Any], settings: RunSettings, opt: str
) -> Environment:
    """An environment, and what a runner there says of itself.

    Args:
        environment: Of the device.
        device: Its note is known when it has been used.
        info: The runner's greeting.
        settings: It was asked for.
        opt: Version of the ``opt`` that wrote the model; empty where there is none.
    """
    library = str(info.get("library", ""))
    machine = "aarch64" if isinstance(device, EmulatedDevice) else environment.machine
    versions = {"ppocr-edge": edge.__version__, "python": platform.python_version()}
    return replace(
        environment,
        machine=machine,
        library=_LIBRARIES.get(library, library),
        library_version=str(info.get("library_version", "")),
        runner=f"{info['runner']} {edge.__version__}" if info.get("runner") else "",
        affinity=tuple(sorted(settings.cores)),
        versions={**versions, "opt": opt} if opt else versions,
        note=device.note,
    )


def ask_power(wire: Wire) -> tuple[int | None, bool | None]:
    """How full the battery is in per cent, and whether it is being charged; None where it does not tell."""
    try:
        done = wire.run(script(compact(_POWER)), seconds=_SECONDS)
    except DeviceError:
        return None, None
    return parse_power(done.stdout.decode(errors="replace"))


def parse_power(answer: str) -> tuple[int | None, bool | None]:
    """Read an answer of the kernel (``percent``, ``status``), or of Android's ``dumpsys battery``."""
    said = dict(line.strip().split("=", 1) for line in answer.splitlines() if "=" in line)
    lines = [line.partition("=")[2] for line in answer.splitlines() if line.startswith("said=")]
    levels = [line.partition(":")[2].strip() for line in lines if line.startswith("level:")]
    percent = next((one for one in [said.get("percent", ""), *levels] if re.fullmatch(r"\d{1,3}", one)), None)
    powered = [line.endswith("true") for line in lines if re.match(r"\w+ powered:", line)]
    if status := said.get("status"):
        charging: bool | None = status in ("Charging", "Full", "Not charging")
    else:
        charging = any(powered) if powered else None
    return None if percent is None else int(percent), charging


def _probe(wire: Wire, entry: DeviceEntry) -> Probe | None:
    """What it is, without a look for Pythons, which takes seconds; None where it does not tell."""
    words = script(probe_script(python=False), folder_argument(entry.folder), "", "")
    done = wire.run(words, seconds=_SECONDS)
    try:
        return parse_answer(done.stdout, time.time())
    except ValueError:
        return None


def _wire_name(entry: DeviceEntry) -> str:
    if isinstance(entry.address, SshAddress):
        return "ssh"
    return "adb" if isinstance(entry.address, AdbAddress) else "local"
