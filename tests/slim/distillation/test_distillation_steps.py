"""The steps ``distil`` and ``quantize-train`` as recipes use them."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.errors import InputError
from slim.distillation.step import parse as parse_distil
from slim.networks.network import build_network
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork, read_stored, weights_of, write_stored
from slim.pipeline.step import StepContext
from slim.quantization.training_step import parse as parse_quantize
from slim.recipes.fields import Fields
from slim.zoo.catalog import find_entry
from tests.step_kit import CLASSIFIER, classifier_context, drawn_lines, run_step, step_fields


@pytest.fixture
def original(tmp_path: Path) -> Path:
    folder = tmp_path / "original"
    folder.mkdir()
    plan = published_plan(find_entry(CLASSIFIER))
    write_stored(StoredNetwork(plan, weights_of(build_network(plan, seed=1))), folder)
    return folder


@pytest.fixture
def context(original: Path, tmp_path: Path) -> StepContext:
    return classifier_context(original, drawn_lines(tmp_path, 4))


def fields(text: str) -> Fields:
    return step_fields("distil", text)


def test_distillation_comes_nearer_to_the_original(
    original: Path, tmp_path: Path, context: StepContext
) -> None:
    stored = read_stored(original)
    noise = np.random.default_rng(0)
    shaken = {key: value + 0.05 * noise.standard_normal(value.shape).astype(np.float32) * value.std()
              for key, value in stored.weights.items()}  # fmt: skip
    # what leaves the last layer is what is compared: let it be far off
    shaken["head.fc.bias"] = shaken["head.fc.bias"] + np.array([2.0, -2.0], np.float32)
    before = tmp_path / "before"
    before.mkdir()
    write_stored(StoredNetwork(stored.plan, shaken), before)
    losses: list[float] = []
    told = replace(context, progress=lambda _done, _total, note: losses.append(float(note.split()[-1])))
    step = parse_distil(fields("{steps: 25, batch: 4, parts: 1, rate: 0.02, warmup: 0, truth: 0}"))
    after = read_stored(run_step(step, before, tmp_path / "run", told))
    assert len(losses) == 25
    assert np.mean(losses[-3:]) < np.mean(losses[:3]) - 0.1
    assert after.plan == stored.plan
    after.build()


def test_quantization_in_training_gives_an_inference_model(
    original: Path, tmp_path: Path, context: StepContext
) -> None:
    step = parse_quantize(fields("{steps: 2, batch: 2, parts: 1}"))
    after = run_step(step, original, tmp_path / "run", context)
    assert sorted(path.name for path in after.iterdir()) == ["inference.pdiparams", "inference.pdmodel"]
    assert "8 bits" in step.describe()


def test_an_early_look_takes_few_steps(original: Path, tmp_path: Path, context: StepContext) -> None:
    seen: list[tuple[int, int]] = []
    quick = replace(context, quick=True, progress=lambda done, total, _note: seen.append((done, total)))
    run_step(parse_distil(fields("{steps: 5000, batch: 2, parts: 1}")), original, tmp_path / "run", quick)
    assert seen[-1] == (20, 20)


def test_estimates_grow_with_the_steps(
    original: Path, context: StepContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a second passes with every look at the clock: on a busy machine real ones are of any length
    monkeypatch.setattr(time, "perf_counter", map(float, itertools.count()).__next__)
    few = parse_distil(fields("{steps: 10, batch: 2, parts: 1}")).estimate(original, context)
    many = parse_distil(fields("{steps: 10_000, batch: 2, parts: 1}")).estimate(original, context)
    assert (few, many) == (10, 10_000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: 0", "a whole number, 1 to"),
        ("{batch: 9, parts: 2}", "not a multiple of parts"),
        ("side: 330", "write a multiple of 32"),
        ("rate: 7", "a number, 1e-07 to 1"),
    ],
)
def test_impossible_settings_are_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_distil(fields(text))


def test_without_pictures_there_is_nothing_to_learn(
    original: Path, tmp_path: Path, context: StepContext
) -> None:
    step = parse_distil(fields("steps: 2"))
    with pytest.raises(InputError, match="--train"):
        run_step(step, original, tmp_path / "run", replace(context, train=()))
