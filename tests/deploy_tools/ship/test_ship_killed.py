"""Killed with all that it started, at any moment, a whole way ends with the bytes it would have given."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess

import pytest

from deploy_tools.results.opening import open_results
from tests.deploy_tools.ship.conftest import SHIP, ShipFolder
from tests.processes import wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

KILLS = 3


def test_killed_at_random_moments_the_release_is_the_same(
    shipping: ShipFolder, shipped_once: ShipFolder
) -> None:
    expected = shipped_once.files()
    assert "SHA256SUMS.sig" in expected
    for name in ("release.key", "release.key.pub"):
        shutil.copyfile(shipped_once.folder / name, shipping.folder / name)
    dice = random.Random(26)
    slim = shipping.folder / "out/.work/tiny/slim/cls/.work"
    for _ in range(KILLS):
        process = shipping.start()
        # somewhere between the first file and the end; one that is over before it is killed is fine, too
        wait_until(lambda one=process: slim.exists() or one.poll() is not None, 240, "it has begun")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0, 12))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        # a release is there whole, or not at all
        assert shipping.files() in ({}, expected)
    ended = shipping.run()
    assert "Verified" in ended.out
    assert shipping.files() == expected
    there = sorted(path.name for path in (shipping.folder / "out").iterdir())
    assert there == [".work", "tiny-1.0"]


def test_what_was_damaged_since_is_made_again(shipped: ShipFolder) -> None:
    expected = shipped.files()
    (model,) = (shipped.folder / "out/.work/tiny/bundles").glob("cls-x86/finished/content/*/model.nb")
    content = bytearray(model.read_bytes())
    content[-100] ^= 1
    model.write_bytes(content)
    (shipped.folder / "out/.work/tiny/slim/cls/inference.pdiparams").write_bytes(b"half")
    ended = shipped.run("--json")
    kept = {one["step"]: one["kept"] for one in json.loads(ended.out)["steps"]}
    assert (kept["pull"], kept["slim"], kept["convert"], kept["package"]) == (True, False, False, True)
    assert shipped.files() == expected


def test_a_run_of_measurements_goes_on_with_the_case_it_was_at(shipped: ShipFolder) -> None:
    models = f"{SHIP.replace('version: 1.0', 'version: 1.1')}  rec: {{model: ch_PP-OCRv4_rec}}\n"
    # so many runs of the recognizer take some ten seconds: it cannot be over before it is broken off
    measure = "allow: [no-gates]\nmeasure: {devices: [local], runs: 100, seconds: 0, warmup: 0.2}\n"
    (shipped.folder / "ship.yml").write_text(models + measure)
    run = shipped.kill_when_measured(1)
    with open_results() as store:
        begun = store.measurements(run)
        shipped.run()
        assert len(store.runs()) == 2
        ended = store.measurements(run)
    assert [len(begun), len(ended)] == [1, 2]
    assert ended[0].started == begun[0].started
    manifest = json.loads(shipped.files(name="tiny-1.1")["manifest.json"])
    assert [one["run"] for model in manifest["models"] for one in model["latency"]] == [run, run]
