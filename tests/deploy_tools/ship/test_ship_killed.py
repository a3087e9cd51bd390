"""Killed with all that it started, at any moment, a whole way ends with the bytes that it would have given."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import pytest

from tests.deploy_tools.ship.conftest import TINY, ShipFolder

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

KILLS = 4


def test_killed_at_random_moments_the_release_is_the_same(shipping: ShipFolder) -> None:
    (shipping.folder / "tiny.yml").write_text(TINY.replace("steps: 4", "steps: 20, sleep: 0.05"))
    begin = time.monotonic()
    shipping.run(out="whole")
    seconds = time.monotonic() - begin
    expected = shipping.files("whole")
    dice = random.Random(26)
    for _ in range(KILLS):
        process = shipping.start()
        try:
            # what goes on is shorter than a whole way; one that is over before it is killed is fine, too
            process.wait(dice.uniform(0.02, 0.5) * seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        # a release is there whole, or not at all
        assert shipping.files() in ({}, expected)
    ended = shipping.run()
    assert "Verified" in ended.out
    assert shipping.files() == expected
    hidden = [path.name for path in (shipping.folder / "out").iterdir()]
    assert sorted(hidden) == [".work", "tiny-1.0"]


def test_what_was_damaged_since_is_made_again(shipping: ShipFolder) -> None:
    shipping.run()
    expected = shipping.files()
    (model,) = (shipping.folder / "out/.work/tiny/bundles").glob("det-x86/finished/content/*/model.nb")
    content = bytearray(model.read_bytes())
    content[-100] ^= 1
    model.write_bytes(content)
    (shipping.folder / "out/.work/tiny/slim/det/inference.pdiparams").write_bytes(b"half")
    ended = shipping.run("--json")
    assert '"kept": false' in ended.out
    assert shipping.files() == expected
