"""Installing a release of a recognizer over SSH, interrupted at 20 random points: is one of the two whole?

The device is this host: OpenSSH's sshd behind a proxy that cuts the link after so many bytes; the command
itself is killed; the shells that run for it on the device are. After each, every file that ``current`` leads
to is hashed and compared with what the archives hold; then it is installed again, and the device goes back.
"""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks.material import Material, Row, show
from tests.devices_kit.sshd import missing
from tests.release_kit.counted import counted_device
from tests.release_kit.installing import Releases, host_place, make_releases
from tests.release_kit.interrupting import NEW, OLD, WAYS, Ended, Interrupted, interrupted
from tests.release_kit.made_bundles import judged

POINTS: Final = 20
_MOST: Final = 60


def measure(material: Material) -> bool:
    """Interrupt, look, go on, go back."""
    if reason := missing():
        print(f"install: skipped, {reason}")
        return True
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        (folder / "releases").mkdir()
        bundle = judged(material.bundles["rec"].folder, folder / "judged")
        releases = make_releases({"x86": bundle}, folder / "releases")
        with interrupted(releases, folder / "device", patch) as work:
            rows = _at_random(work)
        rows.insert(0, Row("release, MB unpacked", f"{releases.size(NEW) / 1e6:.1f}"))
        (folder / "counted").mkdir()
        rows += _at_every_command(releases, folder / "counted")
    return show("4. installs interrupted", rows)


def _at_random(work: Interrupted) -> list[Row]:
    dice = random.Random(20)
    ends: list[Ended] = []
    faults, seconds = [], []
    for number in range(_MOST):
        start = time.perf_counter()
        try:
            ends.append(work.at(WAYS[number % len(WAYS)], dice))
        except Exception as error:  # it is to be told, and the others looked at
            faults.append(f"{WAYS[number % len(WAYS)]}: {error}")
        seconds.append(time.perf_counter() - start)
        if sum(end.hit for end in ends) + len(faults) == POINTS:
            break
    hit = [end for end in ends if end.hit]
    found = Counter(end.version for end in hit)
    whole = len(hit) == POINTS
    return [
        *(
            Row(f"over SSH, {way}: at", ", ".join(_point(end) for end in hit if end.way == way))
            for way in WAYS
        ),
        Row("  came too late to hit anything", len(ends) - len(hit)),
        Row("  left something half done, which the next one removed", sum(bool(end.left) for end in hit)),
        Row(f"  whole afterwards: old, new (all of {POINTS})", f"{found[OLD]}, {found[NEW]}", whole),
        Row(f"  installed again to the end, and gone back (all of {POINTS})", len(hit), whole),
        Row("  seconds for all three, median", f"{statistics.median(seconds):.1f}"),
        *(Row("  fault", fault, False) for fault in faults),
    ]


def _at_every_command(releases: Releases, folder: Path) -> list[Row]:
    """The shell on the device dies before each command that changes something there, one after the other."""
    counted = counted_device(host_place(releases, folder / "home"), folder)
    place = counted.place
    counted.install(OLD)
    shutil.copytree(place.root, folder / "saved", symlinks=True)
    steps = counted.install(NEW)
    decisive = counted.decisive(steps)
    good = 0
    for point in range(1, len(steps) + 1):
        shutil.rmtree(place.root)
        shutil.copytree(folder / "saved", place.root, symlinks=True)
        ended = counted.ends(NEW, point)
        right = place.version() == (NEW if ended or point > decisive else OLD)
        counted.install(NEW)
        good += right and place.version() == NEW and not place.left() and place.roll_back().version == OLD
    return [
        Row(
            f"shell on the device killed before every command (all of {len(steps)})", good, good == len(steps)
        )
    ]


def _point(end: Ended) -> str:
    return f"{end.point:.1f} s" if end.way == "shells killed there" else f"{end.point / 1e6:.2f} MB"
