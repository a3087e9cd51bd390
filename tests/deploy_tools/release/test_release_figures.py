"""Figures of a release: what was evaluated and measured on devices, in manifest and cards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.series import Series
from deploy_tools.release.contents.manifest import read_release_manifest
from deploy_tools.results.export_file import write_export
from deploy_tools.results.record import RunRecord
from edge.bundle.bundle import load_bundle
from tests.e2e.command import run_command
from tests.release_kit.made_bundles import changed, result
from tests.release_kit.package_run import PackageRun
from tests.results_kit.made import WHEN, made_measurement, made_run

pytestmark = pytest.mark.embedded
OUT = Path("out/made-1.0")
CARD = OUT / "cards/ch_ppocr_mobile_v2_cls_infer.md"
X86 = ("--target", "linux-x86_64")


@pytest.fixture(scope="module")
def evaluation(passed: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    """What ``evaluate --json`` prints of the classifier, on three lines."""
    folder = tmp_path_factory.mktemp("words")
    for word in ("Hello", "2026", "Total"):
        image = Image.new("RGB", (150, 48), "white")
        ImageDraw.Draw(image).text((6, 2), word, fill="black", font=ImageFont.load_default(36))
        image.save(folder / f"{word}.png")
    (folder / "labels.txt").write_text("Hello.png\tHello\n2026.png\t2026\nTotal.png\tTotal\n")
    words = ("evaluate", passed["x86"], "--device", "local", "--data", folder / "labels.txt", "--json")
    ended = run_command(*words, cwd=folder)
    assert ended.code == 0, ended.err
    return ended.out


def test_what_was_evaluated_goes_along(
    package: PackageRun, passed: Mapping[str, Path], evaluation: str
) -> None:
    Path("found.json").write_text(evaluation)
    package(passed["x86"], *X86, "--accuracy", "found.json")
    (model,) = read_release_manifest(OUT).models
    figures = [one for one in model["accuracy"] if one["place"] == "local"]
    assert {one["name"] for one in figures} >= {"accuracy", "turned_found"}
    assert {(one["count"], len(one["run"]), one["kind"]) for one in figures} == {(3, 12, "measure")}
    assert figures[0]["data"].endswith("/labels.txt")
    assert model["accuracy"][0]["run"] == "", "the recipe's own come first"
    assert f"| 3 | local (`{figures[0]['run']}`) |" in CARD.read_text()


def test_of_several_devices(package: PackageRun, passed: Mapping[str, Path], evaluation: str) -> None:
    rows = [json.loads(evaluation) | {"device": "pi 4"}, {"device": "gone", "error": "is gone"}]
    Path("found.json").write_text(json.dumps({"devices": rows}))
    package(passed["x86"], *X86, "--accuracy", "found.json")
    places = {one["place"] for one in read_release_manifest(OUT).models[0]["accuracy"]}
    assert places == {"Paddle", "pi 4"}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda values: "no JSON", "is no result of an evaluation"),
        (lambda values: "[]", "is no result of an evaluation"),
        (lambda values: "{}", "has no 'sha256'"),
        (lambda values: values | {"sha256": None}, "is no result of an evaluation"),
        (lambda values: values | {"sha256": "0" * 64}, "is of none of these models; evaluate the bundles"),
        (lambda values: values | {"measures": {"a": {}}}, "has no 'value'"),
        (lambda values: values | {"device": "a\nb"}, "is no result of an evaluation"),
    ],
)
def test_evaluations_that_are_none(
    package: PackageRun, passed: Mapping[str, Path], evaluation: str, edit: Any, said: str
) -> None:
    changed_values = edit(json.loads(evaluation))
    text = changed_values if isinstance(changed_values, str) else json.dumps(changed_values)
    Path("found.json").write_text(text)
    package(passed["x86"], *X86, "--accuracy", "found.json", code=2)
    assert "--accuracy found.json: " in package.err
    assert said in package.err
    assert package.err.count("\n") == 1
    package(passed["x86"], *X86, "--accuracy", "nosuch.json", code=2)
    assert "--accuracy nosuch.json: cannot be read (No such file" in package.err
    assert not Path("out").exists()


def test_times_and_comparisons_stand_in_the_card_with_their_runs(
    package: PackageRun, passed: Mapping[str, Path]
) -> None:
    run, sha256 = made_run(), load_bundle(passed["arm"]).nb.sha256
    timed = replace(made_measurement(1), inputs={"cls": sha256})
    where = Environment("pi | 4", library_version="v2.13-rc", machine="aarch64", note="made up")
    timed = replace(timed, environment=where)
    values = {"golden": 2e-5, "allowed": 1e-3}
    compared = replace(
        timed,
        case=replace(timed.case, scenario="parity"),
        series={name: Series(name, np.array([value]), "") for name, value in values.items()},
    )
    write_export("-o", Path("run.json"), [RunRecord(run, WHEN, (timed, compared))])
    package(passed["arm"], "--target", "linux-arm64", "--run", "run.json")
    (model,) = read_release_manifest(OUT).models
    card = CARD.read_text()
    times = model["latency"][0]["ms"]
    cells = " | ".join(f"{times[part]:.2f} ms" for part in ("p50", "p90", "p99"))
    assert r"| pi \| 4 | " in card
    assert f"| {cells} | {times['samples']} |" in card
    assert "pi \\| 4: made up." in card
    assert rf"| pi \| 4 | v2.13-rc | 2e-05 | agrees | `{run.id}` |" in card
    assert model["parity"][0]["run"] == run.id


def test_what_a_model_was_made_of_is_told_with_hashes(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    found = result(model_sha256={"inference.pdmodel": "ab" * 32})
    package(changed(passed["x86"], tmp_path / "b", source={"slim": "x", "result": found}), *X86)
    (model,) = read_release_manifest(OUT).models
    assert model["recipe"]["made_of"] == {
        "name": "ch_ppocr_mobile_v2.0_cls",
        "sha256": {"inference.pdmodel": "ab" * 32},
    }
