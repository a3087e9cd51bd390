"""A release on a machine with another processor: unpacked there, its self-test run by a real ARM library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices_kit import arm_machine
from tests.devices_kit.arm_machine import ArmMachine
from tests.e2e.command import run_command
from tests.release_kit.on_machine import selftest_on_machine

pytestmark = [pytest.mark.arm, pytest.mark.shared, pytest.mark.timeout(600)]
MODELS = (
    ("ch_ppocr_mobile_slim_v2.0_det", "--weights", "int16"),
    ("ch_ppocr_mobile_slim_v2.0_cls",),
)


@pytest.fixture
def machine(shared_dir: Path) -> Iterator[ArmMachine]:
    scripts = shared_dir / "arm_device"
    if reason := arm_machine.missing(scripts):
        pytest.skip(reason)
    with arm_machine.arm_machine(scripts) as started:
        yield started


def do(*words: object, cwd: Path) -> None:
    ended = run_command(*words, cwd=cwd, limit=300)
    assert ended.code == 0, ended.err


def test_models_in_int8_and_with_rounded_weights_compute_there(
    machine: ArmMachine, shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within what their bundles allow; with a runner beside the release, and with that of the release."""
    home = arm_machine.lite_home()
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path / "home"))
    for name, *words in MODELS:
        options = ("--kind", "slim-inference", "--source", shared_dir / "mirror", "--target", "arm")
        do("convert", name, *words, *options, "-o", "bundles", cwd=tmp_path)
    do("runner", "build", "--lite-home", home, "--target", "linux-arm64", "-o", "runner", cwd=tmp_path)
    bundles = sorted((tmp_path / "bundles").iterdir())
    allow = ("--allow", "no-gates", "--allow", "unmeasured-int8")
    release = (*bundles, "--target", "linux-arm64", *allow, "--name", "made")
    do("package", *release, "--version", "1", "-o", "out", cwd=tmp_path)
    do("package", *release, "--version", "2", "-o", "out", "--runner", "runner", cwd=tmp_path)
    for version, runner in (("1", tmp_path / "runner"), ("2", None)):
        archive = tmp_path / f"out/made-{version}/made-{version}-linux-arm64.tar.gz"
        done = selftest_on_machine(machine, archive, f"made-{version}", tmp_path / "known", runner)
        lines = done.stdout.decode().splitlines()
        assert done.returncode == 0, done
        assert lines[0] == "aarch64"
        assert lines[1].startswith("det  ok    ch_ppocr_mobile_slim_v2.0_det: differs by 0.000")
        assert lines[1].endswith(", 0.01 is allowed")
        assert lines[2].startswith("cls  ok ")
        assert lines[2].endswith(", 0.05 is allowed")
        assert lines[3:] == ["all is well"]
