"""What docs/ci.md says is run as it stands there: both scripts, and the steps of the workflow."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from deploy_tools.measurement.run import new_run_id
from deploy_tools.measurement.series import RUN, Series
from deploy_tools.release.trust.key_files import read_public_key
from deploy_tools.release.trust.verify import Verified, verify_release
from deploy_tools.results.opening import open_results
from deploy_tools.ship.reader import parse_ship_recipe
from tests.deploy_tools.ship.conftest import HEAVY, PASSWORD, SHIP, ShipFolder
from tests.e2e.command import REPOSITORY, Ended, environment

PAGE = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")
MEASURE = """\
measure: {devices: [local], beside: last, tag: main, threshold: 100 %, runs: 500, seconds: 0.2, warmup: 0.2}
"""
# the real command line, with steps that are over at once
COMMAND = f'#!/bin/sh\nexec {sys.executable} -m tests.deploy_tools.cli.slim_program "$@"\n'


def block(language: str, beginning: str) -> str:
    """The piece of the page in a language that begins so."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)
    (text,) = (one for one in found if one.startswith(beginning))
    return str(text)


class Runner:
    """A folder of a CI, where ``ppocr-edge`` is on the path and the page's scripts are in ``ci``."""

    def __init__(self, shipping: ShipFolder) -> None:
        self.folder = shipping.folder
        (self.folder / "bin").mkdir()
        (self.folder / "bin/ppocr-edge").write_text(COMMAND)
        (self.folder / "bin/ppocr-edge").chmod(0o755)
        (self.folder / "ci").mkdir()
        for name, about in (("release", "# Makes, judges"), ("steps", "# MODELS")):
            (self.folder / f"ci/{name}.sh").write_text(block("sh", f"#!/bin/sh\n{about}"))

    def __call__(self, script: str, code: int = 0, **variables: str) -> Ended:
        """Run a piece of shell; its exit code is checked."""
        path = f"{self.folder / 'bin'}:/usr/bin:/bin"
        ran = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=self.folder,
            env=environment(PATH=path, **variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=600,
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return Ended(ran.returncode, ran.stdout, ran.stderr)

    def verified(self, release: str) -> Verified:
        """What verifying a release finds."""
        return verify_release(self.folder / release, [read_public_key(self.folder / "release.key.pub")])


@pytest.fixture
def runner(shipped: ShipFolder) -> Runner:
    """With what an earlier job left: its ``.work`` is what a CI keeps."""
    return Runner(shipped)


def make_last_release_faster() -> str:
    """Let the last release have been ten times as fast, and undisturbed; the id of its run."""
    with open_results() as store:
        record = store.export_run(store.find("main").id)
        faster = replace(
            record,
            run=replace(record.run, id=new_run_id(), started=record.run.started + timedelta(seconds=1)),
            measurements=tuple(
                replace(
                    one,
                    series={
                        name: Series(name, series.values / 10) if name == RUN else series
                        for name, series in one.series.items()
                    },
                )
                for one in record.measurements
            ),
        )
        store.import_run(faster)
        store.tag(faster.run.id, "main")
        return faster.run.id


def main_run() -> str:
    with open_results() as store:
        return store.find("main").id


def test_the_recipe_on_the_page_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/test.txt").write_text("")
    recipe = parse_ship_recipe(block("yaml", "ship: 1"), "ship.yml", tmp_path)
    assert [model.task for model in recipe.models] == ["det", "cls", "rec"]
    assert (recipe.measuring.beside, recipe.measuring.tag) == ("last", "main")


@pytest.mark.embedded
@pytest.mark.timeout(900)
def test_the_workflow_releases_and_refuses_what_got_slower(runner: Runner, light_release: Path) -> None:
    workflow = yaml.safe_load(block("yaml", "name: release"))
    steps = {one["name"]: one["run"] for one in workflow["jobs"]["release"]["steps"] if "run" in one}
    (runner.folder / "ship.yml").write_text(f"{SHIP.replace('version: 1.0', '')}{MEASURE}")
    out = runner.folder / "kept"
    (runner.folder / "out").rename(out)
    shutil.rmtree(out / "tiny-1.0")
    secrets = {
        "OUT": str(out),
        "SIGNING_KEY": (runner.folder / "release.key").read_text().rstrip(),
        "SIGNING_PASSWORD": PASSWORD,
        "RUNNER_TEMP": str(runner.folder / "temporary"),
    }
    (runner.folder / "temporary").mkdir()
    runner(steps["key"], **secrets)
    runner(steps["release"], **secrets, GITHUB_REF_NAME="v1.0")
    assert [path.name for path in (runner.folder / "release").iterdir()] == ["tiny-1.0"]
    assert [model.task for model in runner.verified("release/tiny-1.0").models] == ["cls"]
    assert not runner.verified("release/tiny-1.0").allowed

    first = main_run()
    shutil.rmtree(out / "tiny-1.0")
    shutil.copytree(light_release, out / "tiny-0.9")
    shutil.copytree(light_release.parent.parent / "heavy", runner.folder / "heavy")
    (runner.folder / "ship.yml").write_text(f"{HEAVY}{MEASURE}")
    slower = runner(steps["release"], 1, **secrets, GITHUB_REF_NAME="v1.1")
    assert re.search(r"^ppocr-edge: heavy on local: .* ms before, .* ms now: \+\d+", slower.err, re.M)
    assert "nothing is packed: slower than the last release" in slower.err
    assert not (out / "tiny-1.1").exists()
    assert main_run() == first

    runner(steps["forget the key"], **secrets)
    assert list((runner.folder / "temporary").iterdir()) == []


@pytest.mark.embedded
@pytest.mark.timeout(900)
def test_the_steps_release_and_refuse_what_got_slower(runner: Runner, steady: str) -> None:
    small = runner.folder / "work/slim/ch_ppocr_mobile_v2.0_cls"
    shutil.copytree(runner.folder / "out/.work/tiny/slim/cls", small)
    variables = {
        "MODELS": "ch_ppocr_mobile_v2.0_cls",
        "SLIM": "--recipe tiny.yml --train train --evaluate test --threads 1",
        "MEASURE": "--runs 200 --seconds 0.2 --warmup 0.2",
        "DEVICE": steady,
        "TARGET": "linux-x86_64",
        "PROCESSOR": "x86",
        "THRESHOLD": "100",
        "KEY": "release.key",
        "PASSWORD_FILE": "password",
    }
    first = runner("sh ci/steps.sh", **variables, VERSION="1.0")
    assert "there is no release before this one" in first.out
    found = runner.verified("releases/ppocr-1.0")
    assert ([model.task for model in found.models], found.allowed) == (["cls"], ())

    fast = make_last_release_faster()
    slower = runner("sh ci/steps.sh", 1, **variables, VERSION="1.1")
    assert "1 slower (1 by more than 100 %)" in slower.out
    assert not (runner.folder / "releases/ppocr-1.1").exists()
    assert main_run() == fast
