"""Whatever ends an installation, at whatever moment: the old or the new release is current, whole."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.devices_kit.sshd import missing
from tests.release_kit.counted import Counted, counted_device
from tests.release_kit.installing import Place, Releases
from tests.release_kit.interrupting import WAYS, interrupted

pytestmark = pytest.mark.embedded


@pytest.fixture
def counted(place: Place, tmp_path: Path) -> Counted:
    """This host as a device whose tools count."""
    return counted_device(place, tmp_path)


def test_the_shell_on_the_device_dies_before_a_step(counted: Counted, tmp_path: Path) -> None:
    """Before the step that counts it is the old release, from then on the new one; steps of all parts."""
    place = counted.place
    counted.install("1.0")
    saved = tmp_path / "saved"
    shutil.copytree(place.root, saved, symlinks=True)
    steps = counted.install("1.1")
    decisive = counted.decisive(steps)
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


def test_a_record_is_written_before_it_has_its_name(place: Place, tmp_path: Path) -> None:
    """So that a power cut damages none that was there, of a release that becomes current again."""
    hook = (
        f"case $0 in */sync) /bin/ls -A .records >>'{tmp_path}/records'; echo >>'{tmp_path}/records' ;; esac"
    )
    counted_device(place, tmp_path, hook).install("1.0")
    name = (place.shelf / "current").readlink().name
    assert (tmp_path / "records").read_text().split() == [f".{name}", name, name]


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_over_ssh(releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few random points; ``python -m tests.benchmarks install`` takes twenty."""
    dice = random.Random(20)
    with interrupted(releases, tmp_path, monkeypatch) as work:
        ends = [work.at(way, dice) for way in WAYS]
    # shells are killed by the clock, which may be too late
    assert all(end.hit for end in ends if end.way != "shells killed there")
