from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from edge.errors import InputError
from edge.ocr.parameters import DetectionParameters
from slim.pipeline.folders import hashes_of
from slim.pipeline.lock import locked
from slim.pipeline.outcome import Outcome
from slim.pipeline.outside import FinishedModel
from slim.pipeline.request import SlimRequest
from slim.pipeline.run import slim_model
from slim.pipeline.schedule import Schedule, Silent, Stage
from slim.pipeline.work import WorkError
from slim.reference.predictor import PaddlePredictor
from slim.zoo.parameters import input_spec
from tests.slim.pipeline.conftest import RECIPE, Asking, draw_photographs
from tests.slim.pipeline.tiny_steps import HOLD

pytestmark = pytest.mark.embedded

LONG = RECIPE.replace("steps: 4", "steps: 40").replace("  - weights: {scale: 0.001}\n", "")


class Watching:
    """Keeps how the stages ended, and interrupts where it is told."""

    def __init__(self, interrupt: str = "", at: int = 0) -> None:
        self.ends: dict[str, str] = {}
        self.notes: list[str] = []
        self._interrupt, self._at = interrupt, at

    def began(self, schedule: Schedule) -> None:
        assert not schedule.certain

    def changed(self, stage: Stage) -> None:
        self.ends[stage.key] = stage.status
        if stage.key == self._interrupt and stage.status == "running" and stage.done >= self._at:
            raise KeyboardInterrupt

    def note(self, text: str) -> None:
        self.notes.append(text)


def watched(request: SlimRequest) -> tuple[Outcome, Mapping[str, str]]:
    watching = Watching()
    return slim_model(request, watching), watching.ends


def result_files(out: Path) -> dict[str, str]:
    """Hashes of what must be the same in every run."""
    every = hashes_of(out).items()
    return {name: value for name, value in every if not name.startswith((".work/", "report."))}


def test_a_recipe_gives_a_model_with_a_manifest(finished_run: Path) -> None:
    manifest = json.loads((finished_run / "manifest.json").read_text())
    assert (manifest["name"], manifest["task"], manifest["precision"]) == ("tiny", "det", "int8")
    assert manifest["gates"] == "passed"
    assert [step["label"] for step in manifest["steps"]] == ["float", "prune", "weights"]
    # as counted in PP-OCRv4's published detection model
    assert manifest["steps"][0]["cost"]["parameters"] == 1_171_721
    assert manifest["steps"][1]["accuracy"]["photographs"]["measures"]["hmean"]["value"] == 100
    assert manifest["steps"][1]["accuracy"]["photographs"]["agreement"]["value"] == 100
    assert sorted(manifest["files"]) == [
        "checkpoint/inference.pdiparams",
        "checkpoint/inference.pdmodel",
        "inference.pdiparams",
        "inference.pdmodel",
    ]
    for name, entry in manifest["files"].items():
        assert (finished_run / name).stat().st_size == entry["size"]
    report = json.loads((finished_run / "report.json").read_text())
    assert report["latency"]["median_ms"].keys() == {"0", "1", "2"}
    assert 5 <= len(report["latency"]["samples_ms"]["2"]) <= 15
    assert report["seconds"].keys() == {"1", "2"}


def test_the_same_run_elsewhere_gives_the_same_bytes(ask: Asking, finished_run: Path) -> None:
    outcome, ends = watched(ask())
    assert (outcome.kept, outcome.failed) == (False, False)
    assert set(ends.values()) == {"done"}
    assert result_files(outcome.out) == result_files(finished_run)


def test_a_finished_result_is_left_alone(ask: Asking, finished: Path) -> None:
    before = hashes_of(finished)
    outcome, ends = watched(ask(RECIPE + "# a remark\n"))
    assert outcome.kept
    assert outcome.manifest == json.loads((finished / "manifest.json").read_text())
    assert set(ends) == {"model", "data"}
    after = hashes_of(finished)
    assert {**after, ".work/lock": ""} == {**before, ".work/lock": ""}


def test_the_result_of_something_else_is_not_overwritten(ask: Asking, finished: Path, tmp_path: Path) -> None:
    before = result_files(finished)

    def refusal(request: SlimRequest) -> str:
        with pytest.raises(InputError) as caught:
            slim_model(request)
        return str(caught.value)

    begin, end = f"-o {finished}: holds a result", "; choose another folder, or add --again to replace it"
    longer = RECIPE.replace("steps: 4", "steps: 5")
    assert refusal(ask(longer)) == f"{begin} of another recipe{end}"
    assert refusal(ask(seed=6)) == f"{begin} of another --seed{end}"
    assert refusal(ask(quick=True)) == f"{begin} of the full recipe{end}"
    other = draw_photographs(tmp_path / "other", ["Monday"])
    assert refusal(ask(evaluate={"photographs": other})) == f"{begin} of other data (--evaluate){end}"
    assert refusal(ask(threads=2)) == f"{begin} made with other --threads{end}"
    assert result_files(finished) == before


def test_a_changed_recipe_keeps_what_still_holds(ask: Asking, finished: Path) -> None:
    before = result_files(finished)
    _, ends = watched(ask(RECIPE.replace("0.001", "0.002"), again=True))
    assert (ends["step-1"], ends["step-2"]) == ("kept", "done")
    assert result_files(finished) != before
    _, ends = watched(ask(again=True))
    assert (ends["step-1"], ends["step-2"]) == ("kept", "done")
    assert result_files(finished) == before


def test_a_damaged_result_is_made_again(ask: Asking, finished: Path) -> None:
    before = result_files(finished)
    (finished / "inference.pdmodel").write_bytes(b"damaged")
    state = next((finished / ".work" / "states").glob("1-*/finished/content"))
    (state / "counted.txt").write_text("other")
    outcome, ends = watched(ask())
    assert not outcome.kept
    # the first step is made again as it was, so what follows still holds
    assert (ends["step-1"], ends["step-2"]) == ("done", "kept")
    assert result_files(finished) == before


def test_an_interrupted_step_goes_on_where_it_was(
    ask: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOLD, "12")
    with pytest.raises(KeyboardInterrupt):
        slim_model(ask(LONG), Watching("step-1", at=12))
    monkeypatch.delenv(HOLD)
    work = next((tmp_path / "out" / ".work" / "states").glob("1-*/work"))
    done, _ = json.loads((work / "checkpoint.json").read_text())
    assert done == 12
    assert not (tmp_path / "out" / "manifest.json").exists()
    resumed = slim_model(ask(LONG))
    assert not work.exists()
    whole = slim_model(ask(LONG, out=tmp_path / "whole"))
    assert result_files(resumed.out) == result_files(whole.out)


def test_checkpoints_of_other_settings_are_not_gone_on_with(
    ask: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for held_at, seed in ((12, 5), (3, 6)):
        monkeypatch.setenv(HOLD, str(held_at))
        with pytest.raises(KeyboardInterrupt):
            slim_model(ask(LONG, seed=seed), Watching("step-1", at=held_at))
    work = next((tmp_path / "out" / ".work" / "states").glob("1-*/work"))
    done, _ = json.loads((work / "checkpoint.json").read_text())
    assert done == 3


def test_a_failed_gate_is_told_and_the_model_kept(ask: Asking, finished: Path) -> None:
    text = RECIPE.replace("0.001", "3")
    outcome = slim_model(ask(text, again=True))
    assert outcome.failed
    assert outcome.manifest["gates"] == "failed"
    hmean, parameters = outcome.manifest["verdicts"]
    assert (hmean["passed"], parameters["passed"]) == (False, True)
    lost = hmean["found"]["value"]
    assert lost > 50
    assert hmean["line"].startswith(f"hmean on photographs: loses {lost:.2f} points (interval of the loss ")
    standard = "against the model it was made of on Paddle (simulated)"
    assert hmean["line"].endswith(f"{standard}, allowed are 0.5 points")
    assert "Paddle's simulation alone" in outcome.manifest["remarks"][0]
    again = slim_model(ask(text))
    assert (again.kept, again.failed) == (True, True)


class Board:
    """A device that computes something else than the simulation says."""

    name = "board"
    computes_integers = True

    def __init__(self, really: Path) -> None:
        self._really = really
        self.asked: list[FinishedModel] = []

    def open(self, model: FinishedModel) -> PaddlePredictor:
        self.asked.append(model)
        return PaddlePredictor(self._really, [input_spec(DetectionParameters())])


class OnDevice(Silent):
    """Remembers what is told of measuring there."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def changed(self, stage: Stage) -> None:
        if stage.key == "device" and stage.note:
            self.notes.append(stage.note)


def test_gates_go_by_the_device_where_there_is_one(ask: Asking, finished: Path, tmp_path: Path) -> None:
    board = Board(finished / ".work" / "states" / "0-beginning" / "finished" / "content")
    told = OnDevice()
    outcome = slim_model(ask(RECIPE.replace("0.001", "3"), again=True, place=board), told)
    manifest = outcome.manifest
    assert told.notes[0] == "weights: photographs", "says which model"
    assert [model.precision for model in board.asked] == ["int8"]
    assert manifest["steps"][-1]["accuracy"]["photographs"]["losses"]["hmean"]["value"] > 50
    assert manifest["device"]["name"] == "board"
    assert manifest["device"]["accuracy"]["photographs"]["measures"]["hmean"]["value"] == 100
    assert manifest["verdicts"][0]["passed"] is True
    assert "against the model it was made of on board, allowed" in manifest["verdicts"][0]["line"]
    assert manifest["remarks"] == []
    with pytest.raises(InputError, match=r"holds a result judged on another --device; choose"):
        slim_model(ask(RECIPE.replace("0.001", "3")))


def test_an_early_look_is_not_judged(ask: Asking) -> None:
    outcome = slim_model(ask(RECIPE.replace("0.001", "3"), quick=True))
    assert not outcome.failed
    assert outcome.manifest["gates"] == "not judged"
    assert outcome.manifest["verdicts"][0]["passed"] is False


def test_errors_of_a_step_are_its_own(ask: Asking, tmp_path: Path) -> None:
    text = RECIPE.replace("- prune: {steps: 4}", "- distil: {how: error}")
    with pytest.raises(InputError, match=r"^photographs: show cats; give photographs of text$"):
        slim_model(ask(text))
    with pytest.raises(WorkError, match=r"^step 1, distil: failed \(ZeroDivisionError: seven\); "):
        slim_model(ask(text.replace("error", "bug")))
    with pytest.raises(WorkError, match=r"^step 1, distil: its process ended by SIGSEGV.*; see whether"):
        slim_model(ask(text.replace("error", "crash")))
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize("there", ["file", "folder"])
def test_foreign_folders_are_left_alone(there: str, ask: Asking, tmp_path: Path) -> None:
    if there == "file":
        (tmp_path / "out").write_text("mine")
    else:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "thesis.txt").write_text("mine")
    before = hashes_of(tmp_path)
    with pytest.raises(InputError, match=r"^-o .*out: (is no folder|holds something else)"):
        slim_model(ask())
    assert hashes_of(tmp_path) == before


def test_two_runs_do_not_collide(ask: Asking, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with (
        locked(out / ".work" / "lock", out),
        pytest.raises(InputError, match=r"out: process \d+ is making a model there; wait for it"),
    ):
        slim_model(ask())


def test_what_was_trained_on_is_not_measured_on(ask: Asking, evaluation_labels: Path) -> None:
    with pytest.raises(InputError, match=r"4 of its 4 pictures are in --train too, such as 0\.png"):
        slim_model(ask(train={"photographs": evaluation_labels}))


@pytest.mark.shared
def test_the_published_model_is_compared_with(
    ask: Asking, shared_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPOCR_EDGE_MIRROR", str(shared_dir / "mirror"))
    text = RECIPE.replace("name: tiny", "name: ch_ppocr_mobile_slim_v2.0_det")
    text = text.replace("model: ch_PP-OCRv4_det", "model: ch_ppocr_mobile_v2.0_det")
    text = text.replace("0.5 points", "50 points, against: published")
    outcome = slim_model(ask(text, quick=True))
    # the published counts
    assert outcome.manifest["published"]["cost"]["parameters"] == 440_661
    assert outcome.manifest["steps"][0]["cost"]["parameters"] == 572_441
    verdict = outcome.manifest["verdicts"][0]
    assert verdict["passed"] is True
    assert "against the published slim model" in verdict["line"]
