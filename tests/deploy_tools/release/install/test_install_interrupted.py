"""Whatever ends an installation, at whatever moment: the old or the new release is current, whole."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy_tools.devices.wire.host import HostWire
from edge.errors import DeviceError
from tests.deploy_tools.devices.store.wires import TOOLS, ToolWire
from tests.devices_kit.sshd import missing
from tests.release_kit.installing import Place, Releases
from tests.release_kit.interrupting import WAYS, interrupted

pytestmark = pytest.mark.embedded
CHANGING = ("chmod", "cp", "ln", "mkdir", "mv", "rm", "sync")
# counts what changes something on the device; at a count the shell that runs the script dies before it
_COUNTED = """#!/bin/sh
echo "$0 $*" >>'{log}'
lines=$(/usr/bin/wc -l <'{log}')
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


@pytest.fixture
def counted(place: Place, tmp_path: Path) -> Counted:
    tools = tmp_path / "tools"
    tools.mkdir()
    made = Counted(place, tmp_path / "log", tmp_path / "limit")
    for name in (*TOOLS, "dd", "sync"):
        found = shutil.which(name)
        assert found is not None
        if name not in CHANGING:
            (tools / name).symlink_to(found)
            continue
        (tools / name).write_text(_COUNTED.format(log=made.log, limit=made.limit, program=found))
        (tools / name).chmod(0o755)
    home = place.home
    place.open_wire = lambda: ToolWire(HostWire("pi4", home), ["/bin/sh"], str(tools))
    return made


def test_the_shell_on_the_device_dies_before_a_step(counted: Counted, tmp_path: Path) -> None:
    """Before the step that counts it is the old release, from then on the new one; steps of all parts."""
    place = counted.place
    counted.install("1.0")
    saved = tmp_path / "saved"
    shutil.copytree(place.root, saved, symlinks=True)
    steps = counted.install("1.1")
    decisive = next(
        number
        for number, step in enumerate(steps, 1)
        if step.startswith("mv -f .next/current .") and step[-1] == "."
    )
    dice = random.Random(4)
    # around the step that counts, and some of those before
    points = {decisive - 2, decisive, decisive + 1}
    points |= set(dice.sample(range(1, decisive - 4), 3))
    for point in sorted(points):
        shutil.rmtree(place.root)
        shutil.copytree(saved, place.root, symlinks=True)
        # one that only checks what was sent is tried again
        ended = counted.ends("1.1", point)
        assert place.version() == ("1.1" if ended or point > decisive else "1.0"), steps[point - 1]
        assert not (ended and decisive - 4 <= point <= decisive)
        counted.install("1.1")
        assert (place.version(), place.left()) == ("1.1", [])
        assert place.roll_back().version == place.version() == "1.0"


def test_everything_is_written_before_it_is_current(counted: Counted) -> None:
    """A power cut takes what is not written yet: first the files, then their name, then the link."""
    counted.install("1.0")
    steps = counted.install("1.1")
    (named,) = (number for number, step in enumerate(steps) if step.startswith("mv .new-1.1-"))
    (current,) = (number for number, step in enumerate(steps) if step == "mv -f .next/current .")
    (record,) = (number for number, step in enumerate(steps) if step.startswith("mv -f .records/.1.1-"))
    synced = [number for number, step in enumerate(steps) if step.strip() == "sync"]
    last_file = max(
        number for number, step in enumerate(steps) if "/objects/" in step or step.startswith("cp ")
    )
    removed = min(number for number, step in enumerate(steps) if number > current and step.startswith("rm "))
    first, second, third = synced
    assert last_file < first < named < record < second < current < third < removed
    assert steps[second - 1].startswith("ln -s 1.1-")


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_over_ssh(releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few random points; ``python -m tests.benchmarks install`` takes twenty."""
    dice = random.Random(20)
    with interrupted(releases, tmp_path, monkeypatch) as work:
        ends = [work.at(way, dice) for way in WAYS]
    assert sum(end.hit for end in ends) >= 2
