"""Findings of a run that never was: enough to write a report of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edge.ocr.result import TextBox
from slim.data.labels import LabelledBox, LabelledLine, LabelledPage
from slim.evaluation import (
    ClassificationEvaluation,
    DetectionEvaluation,
    Evaluation,
    RecognitionEvaluation,
)
from slim.evaluation.classification import AngleCase
from slim.evaluation.detection import PageCase
from slim.evaluation.recognition import LineCase
from slim.pipeline.data import DataSet
from slim.pipeline.gates import Evidence, judge
from slim.pipeline.manifest import manifest_of
from slim.pipeline.milestone import Milestone, accuracies
from slim.pipeline.outcome import Findings
from slim.pipeline.state import StateCost
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE
from slim.zoo.catalog import find_entry
from slim.zoo.parameters import zoo_parameters
from tests.slim.recipes.recipe_texts import GOOD, read

HOSTILE = "<script>alert(1)</script> & \"quotes\" 'too'"

Pairs = tuple[Evaluation, Evaluation]


def findings_of(folder: Path, task: str) -> tuple[Findings, dict[str, Any]]:
    """Findings and their manifest.

    Args:
        folder: Gets pictures, models and the result.
        task: ``det``, ``cls`` or ``rec``.
    """
    model = {
        "det": "ch_ppocr_mobile_v2.0_det",
        "cls": "ch_ppocr_mobile_v2.0_cls",
        "rec": "ch_ppocr_mobile_v2.0_rec",
    }
    entry = find_entry(model[task])
    before, after, data = {"det": _pages, "cls": _angles, "rec": _lines}[task](folder)
    sets = {data.name: data}
    milestones = [
        _milestone(folder, "0", "float", entry.name, 572_441, 4_860_000, {data.name: before}),
        _milestone(folder, "1", "prune", HOSTILE, 440_661, 1_230_000, {data.name: after}),
    ]
    measure = {"det": "hmean", "cls": "accuracy", "rec": "exact"}[task]
    kind = "pages" if task == "det" else "lines"
    text = GOOD.replace("ch_ppocr_mobile_v2.0_det", entry.name).replace("hmean", measure)
    text = text.replace("synthetic: pages", f"synthetic: {kind}").replace("kind: trained", "kind: inference")
    text = text.replace("ch_ppocr_mobile_slim_v2.0_det", f"ch_ppocr_mobile_slim_v2.0_{task}")
    recipe = read(text.replace(", against: published", ""))
    evidence = Evidence(
        milestones[-1].costs, milestones[-1].evaluations, milestones[0].evaluations, {}, "Paddle"
    )
    findings = Findings(
        recipe=recipe,
        entry=entry,
        quick=False,
        milestones=milestones,
        published=None,
        accuracies={
            one.key: accuracies(one.evaluations, milestones[0].evaluations, sets, entry.task)
            for one in milestones
        },
        sets=sets,
        verdicts=[judge(gate, evidence) for gate in recipe.gates],
        place=None,
        place_accuracies={},
        place_evaluations={},
        latency_ms={"0": (10.0, 11.0, 30.0), "1": (5.0, 6.0, 7.0)},
        remarks=[HOSTILE],
    )
    inputs = {
        "recipe": {"steps": [{"kind": "prune", "settings": {"share": 0.25, "text": HOSTILE}}]},
        "seed": 7,
        "threads": 2,
        "model": {"name": entry.name, "sha256": {MODEL_FILE: "0" * 64}},
        "train": {},
        "evaluate": {data.name: data.sha256},
        "versions": {"paddlepaddle": "2.6.2"},
    }
    manifest = manifest_of(findings, inputs, zoo_parameters(entry), None, folder / "0")
    json.dumps(manifest)
    return findings, manifest


def _milestone(
    folder: Path,
    key: str,
    label: str,
    description: str,
    parameters: int,
    size: int,
    found: dict[str, Evaluation],
) -> Milestone:
    model = folder / key
    model.mkdir()
    (model / MODEL_FILE).write_bytes(b"m" * 1000)
    (model / PARAMS_FILE).write_bytes(b"p" * size)
    cost = StateCost(parameters, 1_911_000_000, (1, 3, 640, 640))
    return Milestone(
        key=key,
        label=label,
        description=description,
        state=model,
        model=model,
        precision="fp32",
        cost=cost,
        nb_bytes=size,
        evaluations=found,
        seconds=None if key == "0" else 75.0,
    )


def _picture(path: Path, text: str, size: tuple[int, int] = (320, 120)) -> Path:
    image = Image.new("RGB", size, (240, 238, 230))
    ImageDraw.Draw(image).text((20, 30), text, fill=(30, 30, 40), font=ImageFont.load_default(36))
    image.save(path)
    return path


def _box(x: int, y: int, width: int, height: int) -> TextBox:
    quad = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)
    return TextBox(quad, 0.9)


def _pages(folder: Path) -> tuple[Evaluation, Evaluation, DataSet]:
    before, after, pages = [], [], []
    for number in range(8):
        # of a large photograph, as cameras take them
        image = _picture(
            folder / f"page {number}.png", "Harbour", (1600, 1200) if number == 0 else (320, 120)
        )
        truth = (LabelledBox(_box(20, 30, 200, 40).quad, "Harbour", care=True),)
        both, gone, new = _box(20, 30, 200, 40), _box(20, 80, 60, 20), _box(240, 30, 60, 30)
        before.append(PageCase(image, truth, (both, gone) if number % 2 else (both,)))
        after.append(PageCase(image, truth, (both, new) if number % 3 == 0 else (both,)))
        pages.append(LabelledPage(image, truth))
    data = DataSet("photographs", True, tuple(pages), (), "1" * 64, synthetic=False)
    return DetectionEvaluation(tuple(before)), DetectionEvaluation(tuple(after)), data


def _lines(folder: Path) -> tuple[Evaluation, Evaluation, DataSet]:
    before, after, lines = [], [], []
    for number, (old, now) in enumerate(
        [
            ("Harbour", "Harbour"),
            ("Harbour", "Harb0ur"),
            ("Harbor", "Harbour"),
            ("Harbour", HOSTILE),
            ("Harbour", ""),
        ]
    ):
        image = _picture(folder / f"line {number}.png", "Harbour")
        before.append(LineCase(image, "Harbour", old, 0.9))
        after.append(LineCase(image, "Harbour", now, 0.8))
        lines.append(LabelledLine(image, "Harbour"))
    data = DataSet("photographs", True, (), tuple(lines), "1" * 64, synthetic=False)
    return RecognitionEvaluation(tuple(before)), RecognitionEvaluation(tuple(after)), data


def _angles(folder: Path) -> tuple[Evaluation, Evaluation, DataSet]:
    before, after, lines = [], [], []
    for number, (turned, now) in enumerate([(0.99, 0.99), (0.99, 0.4), (0.4, 0.99)]):
        image = _picture(folder / f"line {number}.png", "Harbour")
        before.append(AngleCase(image, 0.01, turned))
        after.append(AngleCase(image, 0.02, now))
        lines.append(LabelledLine(image, ""))
    data = DataSet("photographs", False, (), tuple(lines), "1" * 64, synthetic=False)
    return (
        ClassificationEvaluation(tuple(before), 0.9),
        ClassificationEvaluation(tuple(after), 0.9),
        data,
    )
