"""Training: the same result however often it is interrupted, in one process or several, and honest deaths."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from edge.errors import TrainingError
from edge.ocr.parameters import ClassificationParameters
from slim.distillation.classifier import AngleLoss, ClassifierTask
from slim.networks.stored import weights_of
from slim.training import loop
from slim.training.line_pictures import LineSettings
from slim.training.loop import Optimization, train
from slim.training.progress_file import PROGRESS, load_position
from slim.training.schedule import Schedule
from slim.training.student import Student
from slim.training.team import Team


@pytest.fixture
def task(fresh_classifier: Path, line_files: tuple[Path, ...]) -> ClassifierTask:
    parameters = ClassificationParameters(height=48, width=192)
    student = Student(fresh_classifier)
    return ClassifierTask(
        student, fresh_classifier, line_files, parameters, LineSettings(batch=2), AngleLoss(), seed=4
    )


def optimization(steps: int, parts: int = 1) -> Optimization:
    return Optimization(Schedule(1e-3, steps, warmup=2), parts=parts)


def nothing(_step: int, _loss: float) -> None:
    """Nobody listens."""


def test_an_interrupted_training_ends_with_the_same_weights(
    task: ClassifierTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights_of(train(task, optimization(5), None, nothing))
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)

    class KilledError(Exception):
        pass

    def die_at_three(step: int, _loss: float) -> None:
        if step == 3:
            raise KilledError

    with pytest.raises(KilledError):
        train(task, optimization(5), tmp_path, die_at_three)
    position = load_position(tmp_path)
    assert position is not None
    assert position.step == 2
    steps: list[int] = []
    resumed = weights_of(train(task, optimization(5), tmp_path, lambda step, _: steps.append(step)))
    assert steps == [3, 4, 5]
    assert whole.keys() == resumed.keys()
    assert [key for key in whole if not np.array_equal(whole[key], resumed[key])] == []


def test_training_changes_weights_and_lowers_the_loss(task: ClassifierTask) -> None:
    losses: list[float] = []
    before = weights_of(task.build().network)
    after = weights_of(train(task, optimization(12), None, lambda _, loss: losses.append(loss)))
    assert any(not np.array_equal(before[key], after[key]) for key in before)
    assert np.mean(losses[-4:]) < np.mean(losses[:4])


def test_two_processes_give_the_mean_of_their_parts(task: ClassifierTask) -> None:
    from slim.training.flat import flat_gradients

    job = task.build()
    parameters = [one for one in job.network.parameters() if not one.stop_gradient]
    expected = []
    for part in (0, 1):
        job.network.train()
        loss = job.loss(job.network, job.batch(0, part))
        loss.backward()
        expected.append((flat_gradients(parameters), float(loss)))
        for one in parameters:
            one.clear_gradient()
    with Team(task, 2, 0, 1) as team:
        team.job.network.train()
        loss_of_both = team.gradients()
        together = flat_gradients(team.parameters)
    assert loss_of_both == pytest.approx((expected[0][1] + expected[1][1]) / 2, rel=1e-5)
    np.testing.assert_allclose(together, (expected[0][0] + expected[1][0]) / 2, rtol=1e-3, atol=1e-5)


def test_the_death_of_a_helper_is_an_error(task: ClassifierTask) -> None:
    with Team(task, 2, 0, 3) as team:
        team.job.network.train()
        team.gradients()
        process, _ = team._helpers[0]
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        with pytest.raises(TrainingError, match="a helper process died"):
            team.gradients()


def test_an_error_of_a_helper_is_told_as_it_is(task: ClassifierTask, tmp_path: Path) -> None:
    from dataclasses import replace

    from edge.errors import ImageError

    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"broken\.png"), Team(replace(task, images=(broken,)), 2, 0, 2):
        pass


def test_damaged_progress_is_not_used(tmp_path: Path) -> None:
    (tmp_path / PROGRESS).write_bytes(b"PK\x03\x04 half a file")
    assert load_position(tmp_path) is None


def test_the_rate_rises_then_falls() -> None:
    schedule = Schedule(1.0, 100, warmup=10, floor=0.1)
    rates = [schedule.rate(step) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10] == max(rates) == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.1, abs=0.01)
