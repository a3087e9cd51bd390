"""Networks in turn on this host share a core: what slows one core would slow one of them alone.

A virtual machine's cores have neighbours that it does not see. For a tenth of a second or more they make all
that runs on one core take up to twice as long, while the other core is as it was: every fifth of the recorded
quiet sessions of two processes in turn, each on a core of its own as kernels like it, has such stretches
(docs/compare.md). On one core both see it, and their ratio does not.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from deploy_tools.devices.base import Device
from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.settings import AS_IT_IS
from deploy_tools.scenarios.plan import Part

SYSTEM: Final = Path("/sys/devices/system/cpu")


def on_one_core(parts: Sequence[Part], device: Device) -> Sequence[Part]:
    """The parts of a unit as they are to be run: bound to one core, where that changes nothing else.

    Left alone are single ones, those of devices, whose cores are not all alike, and those for which cores, a
    power mode or several threads were asked for.

    Args:
        parts: Measured in turn.
        device: They are measured on.
    """
    asked = [part.settings for part in parts]
    free = all(
        not one.cores and one.power_mode in (None, AS_IT_IS) and one.threads in (None, 1) for one in asked
    )
    if len(parts) < 2 or not isinstance(device, LocalDevice) or not free:
        return parts
    core = shared_core()
    return [replace(part, settings=replace(part.settings, cores=(core,))) for part in parts]


def shared_core(system: Path = SYSTEM) -> int:
    """The last of the fastest cores that this process may use: the first one answers most interrupts.

    Args:
        system: Where the kernel tells of cores. Of some hosts they are of two kinds, the slow ones last.
    """
    return max(os.sched_getaffinity(0), key=lambda core: (_speed(system / f"cpu{core}"), core))


def _speed(core: Path) -> int:
    """A number that is higher for faster cores of the same host; 0 where the kernel does not tell."""
    for name in ("cpu_capacity", "cpufreq/cpuinfo_max_freq"):
        with suppress(OSError, ValueError):
            return int((core / name).read_text())
    return 0
