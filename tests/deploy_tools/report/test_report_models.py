"""Sizes and accuracies of models, from what stands below a folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.series import Series
from deploy_tools.report.material import Material
from deploy_tools.report.models import ModelFacts, read_models
from deploy_tools.report.page import report_page
from deploy_tools.results.record import RunRecord
from edge.bundle.bundle import Bundle
from edge.errors import InputError
from tests.deploy_tools.report.made_runs import PI, latency, run
from tests.slim.report.findings import findings_of


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """A folder as ``slim`` writes it, but for its files."""
    _, manifest = findings_of(tmp_path, "det")
    folder = tmp_path / "results" / "slim-det"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_a_result_of_slim_is_two_models(result: Path) -> None:
    models = {one.name: one for one in read_models([result.parent])}
    before, after = models["ch_ppocr_mobile_v2.0_det"], models["ch_ppocr_mobile_slim_v2.0_det"]
    assert (before.slim, after.slim) == (False, True)
    assert after.origin == before.name
    assert (before.size, after.size) == (4_860_000, 1_230_000)
    assert [one.data for one in after.accuracies] == ["photographs"]
    # of 8 pages: 8 boxes right, 3 too many, none missed: 2 · 8 / (11 + 8)
    assert after.accuracies[0].measure == "hmean"
    assert after.accuracies[0].value == pytest.approx(84.2105, abs=1e-3)


def test_float_and_slim_stand_in_the_report_with_their_latency(result: Path) -> None:
    models = read_models([result])
    found = []
    for number, one in enumerate(models):
        case = Case("latency", one.name, one.precision, (1, 3, 640, 640))
        found.append(latency(PI, case, 100.0 - 40 * number, number))
    text = report_page(Material([RunRecord(run(1), None, tuple(found))], models=models))
    assert "Accuracy and size" in text
    assert "Accuracy and latency on pi4" in text
    assert "84.2 %" in text
    assert "-74.7 % size" in text


@pytest.mark.embedded
def test_a_bundle_is_known_by_its_hash(default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    bundle = default_bundles["cls"]
    shutil.copytree(bundle.folder, tmp_path / "bundles" / "cls")
    (facts,) = read_models([tmp_path / "bundles"])
    entry = bundle.manifest.files[bundle.manifest.model]
    assert (facts.name, facts.task, facts.size) == (bundle.manifest.name, "cls", entry.size)
    assert entry.sha256 in facts.hashes
    # an evaluation of it, as `evaluate --json` prints it
    measures = {"accuracy": {"value": 99.0, "low": 97.5, "high": 99.7, "count": 200, "unit": "%"}}
    values = {"task": "cls", "data": {"path": "words/labels.txt", "count": 200, "labelled": True}}
    values |= {"model": facts.name, "device": "local", "measures": measures, "images": []}
    (tmp_path / "bundles" / "evaluated.json").write_text(json.dumps(values))
    (facts,) = read_models([tmp_path / "bundles"])
    assert [(one.data, one.value, one.device) for one in facts.accuracies] == [("words", 99.0, "local")]
    # measured under another name: its hash says what it is
    measured = latency(PI, Case("latency", "mine", "fp32", (1, 3, 48, 192)), 5.0, 1)
    measured = replace(measured, inputs={"model.nb": entry.sha256})
    other = replace(facts, name="other", hashes=frozenset(), slim=True, origin=facts.name)
    also = latency(PI, Case("latency", "other", "fp32", (1, 3, 48, 192)), 3.0, 2)
    material = Material([RunRecord(run(1), None, (measured, also))], models=[facts, other])
    assert "Accuracy and latency on pi4" in report_page(material)


def test_what_is_no_model_is_passed_over(result: Path) -> None:
    (result.parent / "notes.json").write_text('{"task": "det"}')
    (result.parent / "list.json").write_text("[1, 2]")
    (result.parent / "broken.json").write_bytes(b"\xff{")
    (result.parent / "runner").mkdir()
    (result.parent / "runner" / "manifest.json").write_text('{"format": 1, "target": "linux-arm64"}')
    assert len(read_models([result.parent])) == 2


def test_a_damaged_result_is_named(result: Path) -> None:
    values = json.loads((result / "manifest.json").read_text(encoding="utf-8"))
    del values["steps"][1]["cost"]
    (result / "manifest.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest\.json: is damaged"):
        read_models([result])


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--bundles .*: holds no bundle"):
        read_models([tmp_path])
    with pytest.raises(InputError, match=r"--bundles .*: is not a folder"):
        read_models([tmp_path / "missing"])


def test_models_nobody_measured_make_no_chart_of_latency() -> None:
    facts = ModelFacts("a", "rec", "fp32", 1_000_000)
    found = latency(PI, Case("latency", "b"), 5.0, 1)
    plain = replace(found, series={"run": Series("run", np.arange(1.0, 20.0))})
    text = report_page(Material([RunRecord(run(1), None, (plain,))], models=[facts]))
    assert 'id="trade-off"' not in text
