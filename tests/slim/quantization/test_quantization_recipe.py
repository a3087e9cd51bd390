"""Recipes that begin with a model of which only the inference model was published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import ConversionOptions, for_model
from deploy_tools.conversion.slim_result import result_source
from slim.pipeline.request import SlimRequest
from slim.pipeline.run import slim_model
from slim.pipeline.state import form_of, write_beginning
from slim.recipes.reader import parse_recipe
from slim.zoo.entry import Kind
from slim.zoo.pull import ensure

pytestmark = pytest.mark.embedded

RECIPE = """\
recipe: 1
name: small
model: ch_ppocr_mobile_v2.0_cls
kind: inference
seed: 5
data:
  train:
    lines: {files: any}
  evaluate:
    lines: {files: any}
steps:
  - STEP
gates:
  - {measure: parameters, most: 2_000_000}
"""


@pytest.mark.parametrize(
    ("name", "form"), [("ch_ppocr_mobile_v2.0_cls", "network"), ("ch_PP-OCRv4_det", "inference")]
)
def test_what_can_be_built_here_can_be_trained(name: str, form: str, tmp_path: Path) -> None:
    model = ensure(name, Kind.INFERENCE)
    write_beginning(model.folder, model.entry, model.kind, tmp_path)
    assert form_of(tmp_path) == form


@pytest.mark.parametrize(
    ("step", "precision", "weights"),
    [
        ("quantize: {pictures: 2}", "int8", None),
        ("quantize-train: {steps: 2, batch: 4, parts: 1}", "int8", None),
        ("weights: {pictures: 2}", "int8-weights", "int8"),
    ],
    ids=["after training", "in training", "weights"],
)
def test_results_say_how_they_are_to_be_converted(
    step: str, precision: str, weights: str | None, lines: tuple[Path, ...], tmp_path: Path
) -> None:
    for name, part in (("train", lines[:3]), ("evaluate", lines[3:])):
        (tmp_path / name).mkdir()
        for path in part:
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    request = SlimRequest(
        recipe=parse_recipe(RECIPE.replace("STEP", step), "small.yml"),
        out=tmp_path / "out",
        train={"lines": tmp_path / "train"},
        evaluate={"lines": tmp_path / "evaluate"},
        seed=5,
        threads=1,
    )
    slim_model(request)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["precision"] == precision
    source = result_source(tmp_path / "out")
    assert source is not None
    assert source.weights == weights
    nb = run_opt(source.folder, for_model(ConversionOptions("arm"), source.weights), tmp_path / "model.nb")
    assert nb.precision == precision
    assert nb.size < 350_000
