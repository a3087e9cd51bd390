"""A device whose shell dies before a command of ours, whichever is wanted."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deploy_tools.devices.wire.host import HostWire
from edge.errors import DeviceError
from tests.deploy_tools.devices.store.wires import TOOLS, ToolWire
from tests.release_kit.installing import Place

CHANGING = ("chmod", "cp", "ln", "mkdir", "mv", "rm", "sync")
# counts what changes something on the device; at a count the shell that runs the script dies before it
_COUNTED = """#!/bin/sh
echo "$0 $*" >>'{log}'
lines=$(/usr/bin/wc -l <'{log}')
{hook}
if [ "$lines" -eq "$(/bin/cat '{limit}')" ]; then kill -9 $PPID; exit 1; fi
exec {program} "$@"
"""


@dataclass(frozen=True)
class Counted:
    """A device whose tools count how often they are used.

    Attributes:
        place: It.
        log: A line for every use.
        limit: Holds the count at which its shell dies.
    """

    place: Place
    log: Path
    limit: Path

    def install(self, version: str) -> list[str]:
        """Install; the commands that it took."""
        assert self.ends(version, 0)
        # the names of the tools alone
        return [line.rpartition("tools/")[2] for line in self.log.read_text().splitlines()]

    def ends(self, version: str, limit: int) -> bool:
        """Install, up to a command; whether it came to its end all the same."""
        self.log.write_text("")
        self.limit.write_text(f"{limit}\n")
        try:
            self.place.install(version)
        except DeviceError:
            return False
        return True

    def decisive(self, steps: Sequence[str]) -> int:
        """Of the commands of an installation, from 1: the one that makes it current."""
        return 1 + list(steps).index("mv -f .next/current .")


def counted_device(place: Place, folder: Path, hook: str = "") -> Counted:
    """This host as a device whose tools count.

    Args:
        place: The device.
        folder: For the tools.
        hook: What the shell does before each of them; the count is ``$lines``.
    """
    tools = folder / "tools"
    tools.mkdir()
    for name in (*TOOLS, "dd", "sync"):
        found = shutil.which(name)
        assert found is not None
        if name not in CHANGING:
            (tools / name).symlink_to(found)
            continue
        text = _COUNTED.format(log=folder / "log", limit=folder / "limit", program=found, hook=hook)
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    wire = lambda: ToolWire(HostWire("pi4", place.home), ["/bin/sh"], str(tools))  # noqa: E731
    return Counted(replace(place, open_wire=wire), folder / "log", folder / "limit")
