"""Losses are least where student and teacher agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import paddle
import pytest
from PIL import Image

from edge.ocr.parameters import DetectionParameters, RecognitionParameters
from slim.data.labels import LabelledPage
from slim.data.synthetic import SyntheticLines
from slim.distillation.detector import DetectorTask, MapLoss, hint_loss, with_labels
from slim.distillation.recognizer import ColumnLoss, RecognizerTask
from slim.networks.network import build_network
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork, weights_of, write_stored
from slim.training.line_pictures import LineSettings
from slim.training.page_crops import CropSettings
from slim.training.student import Student
from slim.zoo.catalog import find_entry


def stored(name: str, folder: Path, seed: int) -> Path:
    folder.mkdir()
    plan = published_plan(find_entry(name))
    write_stored(StoredNetwork(plan, weights_of(build_network(plan, seed=seed))), folder)
    return folder


def logits(probabilities: np.ndarray) -> paddle.Tensor:
    return paddle.to_tensor(np.log(probabilities / (1 - probabilities)).astype(np.float32))


def test_equal_maps_cost_least() -> None:
    truth = np.full((1, 1, 8, 8), 0.01, np.float32)
    truth[:, :, 2:5, 1:7] = 0.98
    teacher = paddle.to_tensor(truth)
    least = float(MapLoss()(logits(truth), teacher))
    for other in (np.full_like(truth, 0.5), np.roll(truth, 1, axis=3), np.full_like(truth, 0.01)):
        assert float(MapLoss()(logits(other), teacher)) > least + 0.05


def test_missed_text_costs_more_than_as_much_noise_elsewhere() -> None:
    truth = np.full((1, 1, 16, 16), 0.01, np.float32)
    truth[:, :, 4:8, 4:12] = 0.95
    missed, noisy = truth.copy(), truth.copy()
    missed[:, :, 4:8, 4:12] = 0.05
    noisy[:, :, 10:14, 4:12] = 0.9
    teacher = paddle.to_tensor(truth)
    assert float(MapLoss(dice=0.0)(logits(missed), teacher)) > float(
        MapLoss(dice=0.0)(logits(noisy), teacher)
    )


def test_labels_add_text_as_far_as_they_are_believed() -> None:
    teacher = paddle.to_tensor(np.array([[[[0.1, 0.9, 0.8, 0.2]]]], np.float32))
    kernels = paddle.to_tensor(np.array([[[[1, 1, 0, 0]]]], np.uint8))
    for belief, expected in (
        (0.0, [0.1, 0.9, 0.8, 0.2]),
        (0.5, [0.55, 0.95, 0.8, 0.2]),
        (1.0, [1.0, 1.0, 0.8, 0.2]),
    ):
        found = with_labels(teacher, kernels, belief).numpy().ravel()
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_hints_are_compared_where_their_width_was_kept() -> None:
    wide, narrow = paddle.ones([1, 4, 2, 2]), paddle.ones([1, 3, 2, 2])
    assert float(hint_loss([wide, wide], [wide, wide])) == pytest.approx(0)
    assert float(hint_loss([wide * 1.5, narrow], [wide, wide])) == pytest.approx(0.25, rel=1e-5)
    assert float(hint_loss([narrow], [wide])) == 0


def test_a_recognizer_is_nearest_to_itself(tmp_path: Path) -> None:
    name = "en_number_mobile_v2.0_rec"
    teacher, other = stored(name, tmp_path / "a", 1), stored(name, tmp_path / "b", 2)
    line = tmp_path / "line.png"
    SyntheticLines("abcdefghijklmnopqrstuvwxyz", count=1, seed=1)[0].picture.save(line)
    parameters = RecognitionParameters(height=32)
    losses = []
    for student in (teacher, other):
        task = RecognizerTask(
            Student(student), teacher, (line,), parameters, LineSettings(batch=1), ColumnLoss(), 1
        )
        job = task.build()
        with paddle.no_grad():
            losses.append(float(job.loss(job.network, job.batch(0, 0))))
    itself, stranger = losses
    assert stranger > itself
    # what is left is the teacher's own entropy
    features_alone = RecognizerTask(
        Student(teacher), teacher, (line,), parameters, LineSettings(batch=1), ColumnLoss(features=0.0), 1
    ).build()
    with paddle.no_grad():
        entropy = float(features_alone.loss(features_alone.network, features_alone.batch(0, 0)))
    assert itself == pytest.approx(entropy, rel=1e-5)


def test_a_detector_is_nearest_to_itself(tmp_path: Path) -> None:
    name = "ch_ppocr_mobile_v2.0_det"
    teacher, other = stored(name, tmp_path / "a", 1), stored(name, tmp_path / "b", 2)
    noise = np.random.default_rng(0).integers(0, 256, (150, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "page.png")
    pages = (LabelledPage(tmp_path / "page.png", ()),)
    losses = []
    for student in (teacher, other):
        job = DetectorTask(
            Student(student),
            teacher,
            pages,
            (False,) * len(pages),
            0.0,
            DetectionParameters(),
            CropSettings(side=64, batch=1),
            MapLoss(dice=0.0),
            1,
        ).build()
        with paddle.no_grad():
            losses.append(float(job.loss(job.network, job.batch(0, 0))))
    assert losses[0] < losses[1]
