"""The steps ``sensitivity`` and ``prune`` as recipes use them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import InputError, ModelError
from slim.networks.cost import count_cost
from slim.networks.stored import read_stored
from slim.pipeline.step import StepContext
from slim.pruning.sensitivity import SENSITIVITY, read_sensitivity
from slim.pruning.sensitivity_step import MeasureSensitivity
from slim.pruning.sensitivity_step import parse as parse_sensitivity
from slim.pruning.step import Prune, parse
from tests.step_kit import parsed_step, run_step, step_fields


def step(text: str) -> Prune:
    return parsed_step(parse, "prune", text)


def test_named_widths_are_cut(classifier_folder: Path, tmp_path: Path, context: StepContext) -> None:
    asked = step("widths: {backbone.last: 160, 'backbone.blocks.9.*': 24}")
    pruned = read_stored(run_step(asked, classifier_folder, tmp_path, context))
    assert dict(pruned.plan.widths) == {
        "backbone.last": 160,
        "backbone.blocks.9.expand": 24,
        "backbone.blocks.9.mid_se.middle": 24,
    }
    pruned.build()
    assert "backbone.last to 160" in asked.describe()


def test_the_same_step_gives_the_same_bytes(
    classifier_folder: Path, tmp_path: Path, context: StepContext
) -> None:
    asked = step("{criterion: l1, widths: {backbone.last: 160}}")
    folders = [run_step(asked, classifier_folder, tmp_path / name, context) for name in "ab"]
    hashes = [
        [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(one.iterdir())] for one in folders
    ]
    assert hashes[0] == hashes[1]


def test_sensitivity_then_a_budget(classifier_folder: Path, tmp_path: Path, context: StepContext) -> None:
    measure = MeasureSensitivity("fpgm", (0.5,), 1, 1, ("backbone.last", "backbone.blocks.1*.expand"))
    notes: list[str] = []
    told = replace(context, progress=lambda _done, _total, note: notes.append(note))
    measured = run_step(measure, classifier_folder, tmp_path / "s", told)
    found = read_sensitivity(measured)
    assert found is not None
    assert found.curves["backbone.last"].keys() == {96, 200}
    assert found.curves["backbone.last"][200] == 0.0
    assert found.curves.keys() == {
        "backbone.last",
        "backbone.blocks.1.expand",
        "backbone.blocks.10.expand",
    }
    assert len(notes) == sum(len(curve) - 1 for curve in found.curves.values())
    pruned = read_stored(
        run_step(step("{parameters: 120_000, macs: 0.9}"), measured, tmp_path / "p", context)
    )
    cost, whole = count_cost(pruned.plan), count_cost(read_stored(classifier_folder).plan)
    assert cost.parameters <= 120_000
    assert cost.macs <= 0.9 * whole.macs


def test_an_interrupted_sensitivity_goes_on(
    classifier_folder: Path, tmp_path: Path, context: StepContext
) -> None:
    measure = MeasureSensitivity("fpgm", (0.5,), 1, 1, ("backbone.last", "backbone.blocks.1*.expand"))

    class KilledError(Exception):
        pass

    def die(done: int, _total: int, _note: str) -> None:
        if done == 2:
            raise KilledError

    with pytest.raises(KilledError):
        run_step(measure, classifier_folder, tmp_path / "a", replace(context, progress=die))
    kept = (tmp_path / "a" / "work" / SENSITIVITY).read_bytes()
    resumed = run_step(measure, classifier_folder, tmp_path / "a", context)
    whole = run_step(measure, classifier_folder, tmp_path / "b", context)
    assert kept != (whole / SENSITIVITY).read_bytes()
    assert (resumed / SENSITIVITY).read_bytes() == (whole / SENSITIVITY).read_bytes()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("widths: {neck.inner: 30}", "write a multiple of 4"),
        ("widths: {neck.inner: 0}", "write a whole number, 1 to 4096"),
        ("widths: {}", "name channels and their new widths"),
        ("criterion: taylor", "one of fpgm, l1"),
        ("macs: 1.5", "a number, 0 to 1"),
    ],
)
def test_impossible_settings_are_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        step(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("widths: {backbone.outer: 32}", "backbone.outer: is no part of this network"),
        ("widths: {backbone.last: 256}", "backbone.last has 200 channels"),
        ("parameters: 100_000", "no sensitivity was measured"),
    ],
)
def test_what_the_network_does_not_have_is_refused(
    text: str, words: str, classifier_folder: Path, tmp_path: Path, context: StepContext
) -> None:
    with pytest.raises(InputError, match=words):
        run_step(step(text), classifier_folder, tmp_path, context)


def test_damaged_sensitivity_is_an_error(tmp_path: Path) -> None:
    (tmp_path / SENSITIVITY).write_text('{"neck.inner": 3}')
    with pytest.raises(ModelError, match="is damaged"):
        read_sensitivity(tmp_path)


def test_a_sensitivity_without_settings_has_defaults() -> None:
    found = parse_sensitivity(step_fields("sensitivity", "{}"))
    assert found.kept == (0.75, 0.5)
    assert "75 %, 50 %" in found.describe()
