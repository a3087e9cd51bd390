"""How warm a device is and how fast its cores run: asked in one round trip, never while it measures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from deploy_tools.devices.probe.answer import read_temperatures
from deploy_tools.devices.store.asking import compact
from deploy_tools.devices.wire.wire import Wire, script
from deploy_tools.measurement.environment import Reading
from edge.errors import DeviceError

SECONDS: Final = 10.0
_PAIR: Final = re.compile(r"(khz|limit)=(\d{1,5}) (\d{1,9})")
_THROTTLED: Final = 0xE  # frequency capped, throttled, soft limit of the temperature; now, not before
_LOOK: Final = r"""
exec 2>/dev/null
for z in /sys/class/thermal/thermal_zone*; do
    t=; read -r t <$z/temp
    [ -n "$t" ] && { v=; read -r v <$z/type; echo "temperature=$t $v"; }
done
for c in /sys/devices/system/cpu/cpu[0-9]*; do
    v=; read -r v <$c/cpufreq/scaling_cur_freq; [ -n "$v" ] && echo "khz=${c##*/cpu} $v"
    v=; read -r v <$c/cpufreq/scaling_max_freq; [ -n "$v" ] && echo "limit=${c##*/cpu} $v"
done
v=; read -r v </sys/devices/platform/soc/soc:firmware/get_throttled; [ -n "$v" ] && echo "firmware=$v"
echo =end
"""


@dataclass(frozen=True)
class Look:
    """A device at one moment.

    Attributes:
        reading: When, and its temperatures and frequencies.
        limits: Highest frequency allowed now, in kHz, by number of the core: it falls when a governor of
            temperatures says so.
        capped: Its firmware holds frequencies down (Raspberry Pi).
    """

    reading: Reading
    limits: Mapping[int, int] = field(default_factory=dict)
    capped: bool = False

    @property
    def celsius(self) -> float | None:
        """Of the hottest zone."""
        return max(self.reading.celsius.values(), default=None)

    @property
    def khz(self) -> int | None:
        """Of the fastest core."""
        return max(self.reading.khz.values(), default=None)

    @property
    def tells(self) -> bool:
        """Whether the device tells anything at all."""
        return bool(self.reading.celsius or self.reading.khz or self.limits or self.capped)


def look_at(wire: Wire, at: float) -> Look | None:
    """Ask a device; None where it did not answer: what is measured there will say why.

    Args:
        wire: Leads to it.
        at: Seconds from the beginning of the measurement.
    """
    try:
        done = wire.run(script(compact(_LOOK)), seconds=SECONDS)
    except DeviceError:
        return None
    return parse_look(done.stdout.decode(errors="replace"), at)


def parse_look(answer: str, at: float) -> Look | None:
    """Read an answer; None where it is none."""
    lines = [line.strip() for line in answer.splitlines()]
    if "=end" not in lines:
        return None
    found = [match for line in lines if (match := _PAIR.fullmatch(line))]
    firmware = next((line.partition("=")[2] for line in lines if line.startswith("firmware=")), "0")
    return Look(
        Reading(
            at,
            _by_zone(line.partition("=")[2] for line in lines if line.startswith("temperature=")),
            {int(one[2]): int(one[3]) for one in found if one[1] == "khz"},
        ),
        {int(one[2]): int(one[3]) for one in found if one[1] == "limit"},
        bool(_hexadecimal(firmware) & _THROTTLED),
    )


def _by_zone(lines: Iterable[str]) -> dict[str, float]:
    """Degrees by zone; of zones of one name the second is called ``NAME 2``."""
    zones: dict[str, float] = {}
    for temperature in read_temperatures(lines):
        name, number = temperature.zone, 1
        while name in zones:
            number += 1
            name = f"{temperature.zone} {number}"
        zones[name] = temperature.celsius
    return zones


def _hexadecimal(text: str) -> int:
    return int(text, 16) if re.fullmatch(r"(0[xX])?[0-9a-fA-F]{1,8}", text) else 0
