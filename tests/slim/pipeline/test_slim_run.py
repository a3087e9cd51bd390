from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from edge.errors import InputError
from slim.pipeline.folders import hashes_of
from slim.pipeline.outcome import Outcome
from slim.pipeline.request import SlimRequest
from slim.pipeline.run import slim_model
from slim.pipeline.schedule import Schedule, Stage
from slim.pipeline.work import WorkError
from tests.slim.pipeline.conftest import RECIPE, Asking, draw_photographs

pytestmark = pytest.mark.embedded

TWO_STEPS = RECIPE.replace("  - prune: {steps: 4}\n", "  - prune: {steps: 4}\n  - weights: {scale: 0.001}\n")
RUINED = RECIPE.replace("  - prune: {steps: 4}\n", "  - weights: {scale: 3}\n")


class Watching:
    """Keeps how the stages ended, and interrupts where it is told."""

    def __init__(self, interrupt: str = "", at: int = 0) -> None:
        self.ends: dict[str, str] = {}
        self.notes: list[str] = []
        self.schedule: Schedule | None = None
        self._interrupt, self._at = interrupt, at

    def began(self, schedule: Schedule) -> None:
        self.schedule = schedule

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
    names = hashes_of(out)
    return {name: value for name, value in names.items() if not name.startswith((".work/", "report."))}


def test_a_recipe_gives_a_model_with_a_manifest(ask: Asking) -> None:
    outcome, ends = watched(ask())
    assert not outcome.kept
    assert not outcome.failed
    assert set(ends.values()) == {"done"}
    manifest = json.loads((outcome.out / "manifest.json").read_text())
    assert (manifest["name"], manifest["task"], manifest["precision"]) == ("tiny", "det", "fp32")
    assert manifest["gates"] == "passed"
    assert [step["label"] for step in manifest["steps"]] == ["float", "prune"]
    # as counted in PP-OCRv4's published detection model
    assert manifest["steps"][0]["cost"]["parameters"] == 1_171_721
    assert manifest["steps"][1]["accuracy"]["photographs"]["measures"]["hmean"]["value"] == 100
    assert manifest["steps"][1]["accuracy"]["photographs"]["agreement"]["value"] == 100
    for name, entry in manifest["files"].items():
        assert (outcome.out / name).stat().st_size == entry["size"]
    assert (outcome.out / "checkpoint" / "counted.txt").is_file()
    report = json.loads((outcome.out / "report.json").read_text())
    assert report["latency"]["median_ms"].keys() == {"0", "1"}
    assert len(report["latency"]["samples_ms"]["1"]) == 15
    assert report["seconds"].keys() == {"1"}


def test_the_same_run_elsewhere_gives_the_same_bytes(ask: Asking, tmp_path: Path) -> None:
    first = slim_model(ask(TWO_STEPS))
    second = slim_model(ask(TWO_STEPS, out=tmp_path / "elsewhere"))
    assert result_files(first.out) == result_files(second.out)
    other = slim_model(ask(TWO_STEPS, out=tmp_path / "seeded", seed=6))
    assert other.manifest["files"] != first.manifest["files"]


def test_a_finished_result_is_left_alone(ask: Asking) -> None:
    first = slim_model(ask())
    before = hashes_of(first.out)
    outcome, ends = watched(ask(RECIPE + "# a remark\n"))
    assert outcome.kept
    assert outcome.manifest == json.loads((first.out / "manifest.json").read_text())
    assert set(ends) == {"model", "data"}
    assert hashes_of(first.out) == before


def test_the_result_of_something_else_is_not_overwritten(
    ask: Asking, train_labels: Path, tmp_path: Path
) -> None:
    out = slim_model(ask()).out
    before = hashes_of(out)

    def refusal(request: SlimRequest) -> str:
        with pytest.raises(InputError) as caught:
            slim_model(request)
        return str(caught.value)

    remedy = "choose another folder, or add --again to replace it"
    longer = RECIPE.replace("steps: 4", "steps: 5")
    assert refusal(ask(longer)) == f"-o {out}: holds a result of another recipe; {remedy}"
    assert refusal(ask(seed=6)) == f"-o {out}: holds a result of another --seed; {remedy}"
    assert refusal(ask(quick=True)) == f"-o {out}: holds a result of the full recipe; {remedy}"
    other = draw_photographs(tmp_path / "other", ["Monday"])
    assert (
        refusal(ask(evaluate={"photographs": other}))
        == f"-o {out}: holds a result with other evaluate; {remedy}"
    )
    assert hashes_of(out) == before
    replaced, ends = watched(ask(longer, again=True))
    assert replaced.manifest["steps"][1]["description"] == "count 5 iterations"
    assert ends["measure-1"] == "done"


def test_a_damaged_result_is_made_again(ask: Asking) -> None:
    out = slim_model(ask()).out
    before = result_files(out)
    (out / "inference.pdmodel").write_bytes(b"damaged")
    outcome, ends = watched(ask())
    assert not outcome.kept
    assert ends["step-1"] == "kept"
    assert result_files(out) == before


def test_steps_that_still_hold_are_kept(ask: Asking) -> None:
    slim_model(ask(TWO_STEPS))
    changed = TWO_STEPS.replace("0.001", "0.002")
    _, ends = watched(ask(changed, again=True))
    assert (ends["step-1"], ends["step-2"]) == ("kept", "done")
    _, ends = watched(ask(TWO_STEPS.replace("steps: 4", "steps: 5"), again=True))
    assert (ends["step-1"], ends["step-2"]) == ("done", "done")


def test_a_damaged_state_is_made_again(ask: Asking) -> None:
    out = slim_model(ask(TWO_STEPS)).out
    before = result_files(out)
    state = next((out / ".work" / "states").glob("1-*/finished/content"))
    (state / "counted.txt").write_text("other")
    (out / "manifest.json").unlink()
    _, ends = watched(ask(TWO_STEPS))
    # the step before is made again as it was, so what follows still holds
    assert (ends["step-1"], ends["step-2"]) == ("done", "kept")
    assert result_files(out) == before


def test_an_interrupted_step_goes_on_where_it_was(ask: Asking, tmp_path: Path) -> None:
    text = RECIPE.replace("steps: 4", "steps: 40, sleep: 0.02")
    with pytest.raises(KeyboardInterrupt):
        slim_model(ask(text), Watching("step-1", at=12))
    work = next((tmp_path / "out" / ".work" / "states").glob("1-*/work"))
    done, _ = json.loads((work / "checkpoint.json").read_text())
    assert 12 <= done < 40
    assert not (tmp_path / "out" / "manifest.json").exists()
    resumed, _ = watched(ask(text))
    assert not work.exists()
    whole = slim_model(ask(text, out=tmp_path / "whole"))
    assert result_files(resumed.out) == result_files(whole.out)


def test_checkpoints_of_other_settings_are_not_gone_on_with(ask: Asking, tmp_path: Path) -> None:
    text = RECIPE.replace("steps: 4", "steps: 40, sleep: 0.02")
    with pytest.raises(KeyboardInterrupt):
        slim_model(ask(text), Watching("step-1", at=12))
    changed = slim_model(ask(text, seed=6))
    whole = slim_model(ask(text, seed=6, out=tmp_path / "whole"))
    assert result_files(changed.out) == result_files(whole.out)


def test_a_failed_gate_is_told_and_the_model_kept(ask: Asking) -> None:
    outcome = slim_model(ask(RUINED))
    assert outcome.failed
    assert outcome.manifest["gates"] == "failed"
    assert outcome.manifest["precision"] == "int8"
    hmean, parameters = outcome.manifest["verdicts"]
    assert (hmean["passed"], parameters["passed"]) == (False, True)
    assert hmean["found"]["value"] > 50
    assert hmean["line"].startswith(
        f"hmean on photographs: loses {hmean['found']['value']:.2f} points (interval of"
    )
    assert hmean["line"].endswith(
        "against the model it was made of on Paddle (simulated), allowed are 0.5 points"
    )
    assert (outcome.out / "inference.pdmodel").is_file()
    assert "Paddle's simulation alone" in outcome.manifest["remarks"][0]
    again = slim_model(ask(RUINED))
    assert again.kept
    assert again.failed


def test_an_early_look_is_not_judged(ask: Asking) -> None:
    outcome = slim_model(ask(RUINED, quick=True))
    assert not outcome.failed
    assert outcome.manifest["gates"] == "not judged"
    assert outcome.manifest["verdicts"][0]["passed"] is False


def test_errors_of_a_step_are_its_own(ask: Asking, tmp_path: Path) -> None:
    text = RECIPE.replace("- prune: {steps: 4}", "- distil: {how: error}")
    with pytest.raises(InputError, match="^photographs: show cats; give photographs of text$"):
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
    with pytest.raises(InputError, match="^-o .*out: (is no folder|holds something else)"):
        slim_model(ask())
    assert "mine" in [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]


def test_two_runs_do_not_collide(ask: Asking, tmp_path: Path) -> None:
    from slim.pipeline.lock import locked

    out = tmp_path / "out"
    with (
        locked(out / ".work" / "lock", out),
        pytest.raises(InputError, match=r"out: process \d+ is making a model there"),
    ):
        slim_model(ask())
    slim_model(ask())


def test_what_was_trained_on_is_not_measured_on(ask: Asking, evaluation_labels: Path) -> None:
    with pytest.raises(InputError, match=r"4 of its 4 pictures are in --train too, such as 0\.png"):
        slim_model(ask(train={"photographs": evaluation_labels}))


def test_the_published_model_is_compared_with(
    ask: Asking, shared_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("slim.networks.stored")
    if not (shared_dir / "mirror").is_dir():
        pytest.skip(f"no shared material at {shared_dir}")
    monkeypatch.setenv("PPOCR_EDGE_MIRROR", str(shared_dir / "mirror"))
    text = (
        RECIPE.replace("name: tiny", "name: ch_ppocr_mobile_slim_v2.0_det")
        .replace("model: ch_PP-OCRv4_det", "model: ch_ppocr_mobile_v2.0_det")
        .replace("0.5 points", "50 points, against: published")
    )
    outcome = slim_model(ask(text))
    assert outcome.manifest["published"]["cost"]["parameters"] == 440_661
    assert outcome.manifest["verdicts"][0]["passed"] is True
    assert "against the published slim model" in outcome.manifest["verdicts"][0]["line"]
    shutil.rmtree(outcome.out)
