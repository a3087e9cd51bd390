"""What must not leave the house: refused, with the word that lets it pass, which is then written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy_tools.cli.allow_option import WORDS
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.series import Series
from deploy_tools.release.contents.manifest import read_release_manifest
from deploy_tools.release.contents.policy import ALLOW
from deploy_tools.results.export_file import write_export
from deploy_tools.results.record import RunRecord
from edge.bundle.bundle import load_bundle
from tests.release_kit.made_bundles import ACCURACY, FIGURE, changed, judged, result, with_model, written_by
from tests.release_kit.package_run import PackageRun
from tests.results_kit.made import WHEN, made_measurement, made_run

pytestmark = pytest.mark.embedded
ARM = ("--target", "linux-arm64")
OUT = Path("out/made-1.0")


def test_the_command_offers_every_word() -> None:
    assert tuple(ALLOW) == WORDS


def refused_then_allowed(package: PackageRun, words: list[object], allow: str, said: str) -> dict[str, Any]:
    """The exception that is written down."""
    others = [word for other in ALLOW if other != allow for word in ("--allow", other)]
    package(*words, *others, code=2)
    assert said in package.err
    assert f"--allow {allow}" in package.err
    assert package.err.count("\n") == 1
    assert not Path("out").exists()
    package(*words, *others, "--allow", allow)
    assert f"let pass by --allow {allow}: " in package.err
    assert "was not needed" in package.err
    manifest = read_release_manifest(OUT)
    assert manifest.allow == (allow,)
    (exception,) = manifest.exceptions
    assert exception["allow"] == allow
    assert said in exception["found"]
    return dict(exception)


def test_failed_gates(package: PackageRun, classifiers: Mapping[str, Path], tmp_path: Path) -> None:
    bundle = judged(classifiers["arm"], tmp_path / "b", "failed")
    found = refused_then_allowed(package, [bundle, *ARM], "failed-gates", "failed a gate of recipe small_cls")
    assert "accuracy on lines: loses 0.25 points" in found["found"]
    assert "parameters: 90,000" not in found["found"], "that gate was passed"
    card = next((OUT / "cards").iterdir()).read_text()
    assert "It FAILED a gate of its recipe." in card
    assert "- FAILED: accuracy on lines" in card


@pytest.mark.parametrize(
    ("gates", "said"), [("none", "never judged"), ("not judged", "not judged by the gates")]
)
def test_no_gates(
    package: PackageRun, classifiers: Mapping[str, Path], tmp_path: Path, gates: str, said: str
) -> None:
    bundle = classifiers["arm"] if gates == "none" else judged(classifiers["arm"], tmp_path / "b", gates)
    refused_then_allowed(package, [bundle, *ARM], "no-gates", said)
    assert read_release_manifest(OUT).models[0]["gates"] == gates


def test_mixed_opt_versions(package: PackageRun, passed: Mapping[str, Path], tmp_path: Path) -> None:
    other = written_by(passed["x86"], tmp_path / "b", "v2.10-rc")
    words = [passed["arm"], other, *ARM, "--target", "linux-x86_64"]
    refused_then_allowed(package, words, "mixed-opt", "v2.10-rc (ch_ppocr_mobile_v2_cls_infer), v2.13-rc")


@pytest.fixture
def int8(passed: Mapping[str, Path], tmp_path: Path, shared_dir: Path) -> Path:
    """The published slim classifier, which computes in INT8."""
    nb = shared_dir / "mirror/nb_other_opt/v2.13-rc/ch_ppocr_mobile_v2.0_cls_slim_opt.nb"
    bundle = with_model(passed["arm"], tmp_path / "int8", nb.read_bytes())
    assert load_bundle(bundle).nb.precision == "int8"
    return bundle


@pytest.mark.shared
def test_int8_that_no_arm_device_computed(package: PackageRun, int8: Path) -> None:
    refused_then_allowed(package, [int8, *ARM], "unmeasured-int8", "no ARM device was seen to do")
    assert "simulation of 8 bits alone" in next((OUT / "cards").iterdir()).read_text()


@pytest.mark.shared
def test_int8_that_a_recipe_judged_on_a_device(package: PackageRun, int8: Path, tmp_path: Path) -> None:
    source = {"slim": "small_cls", "result": result(device="pi4")}
    package(changed(int8, tmp_path / "b", source=source), *ARM)
    assert read_release_manifest(OUT).allow == ()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("machine", "allowed", "verdict", "said"),
    [
        ("aarch64", 0.2, "", None),
        ("aarch64", 1.0, "", "no ARM device was seen to do"),
        ("x86_64", 0.2, "", "no ARM device was seen to do"),
        ("aarch64", 0.2, "differs from the golden output by 0.9; 0.2 is allowed", "on pi4 differs from the"),
    ],
)
def test_int8_that_was_compared_on_a_device(
    package: PackageRun, int8: Path, machine: str, allowed: float, verdict: str, said: str | None
) -> None:
    values = {"golden": 0.15, "allowed": allowed}
    parity = replace(
        made_measurement(1),
        case=Case("parity", "small_cls", "int8"),
        environment=Environment("pi4", machine=machine),
        inputs={"cls": load_bundle(int8).nb.sha256},
        series={name: Series(name, np.array([value]), "") for name, value in values.items()},
        verdict=verdict,
    )
    write_export("-o", Path("run.json"), [RunRecord(made_run(scenario="parity"), WHEN, (parity,))])
    package(int8, *ARM, "--run", "run.json", code=2 if said else 0)
    if said:
        assert said in package.err
        return
    (model,) = read_release_manifest(OUT).models
    assert model["parity"][0]["differs"] == 0.15
    assert model["golden"]["tolerance"] == 0.2, "what was allowed there is allowed to the self-test"


def test_two_models_of_a_task(package: PackageRun, passed: Mapping[str, Path], tmp_path: Path) -> None:
    other = changed(passed["arm"], tmp_path / "b", name="other")
    package(passed["arm"], other, *ARM, code=2)
    assert "is a second cls model for linux-arm64" in package.err
    package(passed["arm"], passed["arm"], *ARM, code=2)
    assert "is the same bundle as" in package.err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    "damage",
    [
        {"gates": "good"},
        {"verdicts": ["line"]},
        {"verdicts": [{"line": "a\x1b[2J", "passed": True}]},
        {"accuracy": {"Paddle": {"lines": {"measures": {"x": {"value": "high"}}}}}},
        {"accuracy": {"Paddle": {"lines": {**ACCURACY["lines"], "agreement": {**FIGURE, "unit": "\n"}}}}},
        {"accuracy": {"Paddle": {"lines": {**ACCURACY["lines"], "agreement": {**FIGURE, "low": "nan"}}}}},
        {"accuracy": []},
        {"verdicts": [{"line": "a", "passed": "yes"}]},
        {"steps": "prune"},
        {"cost": None},
        {"recipe": 7},
    ],
    ids=lambda damage: json.dumps(damage)[:40],
)
def test_a_bundle_whose_result_is_damaged(
    package: PackageRun, classifiers: Mapping[str, Path], tmp_path: Path, damage: dict[str, Any]
) -> None:
    bundle = judged(classifiers["arm"], tmp_path / "b", **{"gates": "passed", **damage})
    package(bundle, *ARM, code=2)
    assert "'source.result' is damaged" in package.err
    assert not Path("out").exists()


def test_all_that_is_refused_is_told_at_once(
    package: PackageRun, classifiers: Mapping[str, Path], tmp_path: Path
) -> None:
    other = written_by(classifiers["x86"], tmp_path / "b", "v2.10-rc")
    package(classifiers["arm"], other, *ARM, "--target", "linux-x86_64", code=2)
    assert "--allow no-gates (which leaves --allow mixed-opt)" in package.err
    assert package.err.count("\n") == 1


def test_a_run_that_tells_nothing_of_the_models(package: PackageRun, passed: Mapping[str, Path]) -> None:
    write_export("-o", Path("run.json"), [RunRecord(made_run(), WHEN, (made_measurement(1),))])
    package(passed["arm"], *ARM, "--run", "run.json")
    assert "--run run.json: tells nothing of these models, and is left out" in package.err
    assert read_release_manifest(OUT).models[0]["latency"] == []
