"""A map that is too flat gets its teacher's sharpness back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from edge.errors import InputError
from edge.ocr.detect import boxes_from_map
from edge.ocr.parameters import DetectionParameters
from slim.data.labels import LabelledBox, LabelledPage
from slim.data.synthetic import SyntheticPages
from slim.distillation.sharpen_step import Sharpen, sharpened
from slim.distillation.sharpening import CHOICES, PageMaps, Sharpness, best_choice, score_choices
from slim.metrics import DetectionScore
from slim.networks.network import build_network
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork, read_stored, weights_of, write_stored
from slim.pipeline.data import DataSet
from slim.pipeline.step import StepContext
from slim.zoo.catalog import find_entry

PARAMETERS = DetectionParameters()
NAME = "ch_ppocr_mobile_v2.0_det"


def bars(*levels: float) -> npt.NDArray[np.float32]:
    """Logits of a page with one bar of text for every level."""
    logits = np.full((40 * len(levels), 200), -6, np.float32)
    for number, level in enumerate(levels):
        logits[40 * number + 12 : 40 * number + 28, 20:180] = level
    return logits


def page(student: npt.NDArray[np.float32], teacher: npt.NDArray[np.float32]) -> PageMaps:
    size = (teacher.shape[1], teacher.shape[0])
    found = boxes_from_map(Sharpness().probabilities(teacher), size, PARAMETERS)
    return PageMaps(size, tuple(LabelledBox(box.quad, "", care=True) for box in found), student)


def test_a_flat_map_is_sharpened() -> None:
    # the teacher finds all three; the student answers two of them with less than the threshold of 0.6
    maps = page(bars(3.0, 0.35, 0.3), bars(4.0, 0.6, 0.5))
    assert len(maps.boxes) == 3
    found, before, after = best_choice([score_choices(maps, PARAMETERS)])
    assert before == pytest.approx(0.5)
    assert after == 1
    assert found.scale * 0.3 + found.offset > np.log(0.6 / 0.4)


def test_a_map_that_sees_too_much_is_lowered() -> None:
    maps = page(bars(3.0, 0.6), bars(4.0, -2.0))
    found, before, after = best_choice([score_choices(maps, PARAMETERS)])
    assert (before, after) == (pytest.approx(2 / 3), 1)
    assert found.offset < 0


def test_what_agrees_already_stays() -> None:
    maps = page(bars(5.0, 5.0), bars(5.0, 5.0))
    assert best_choice([score_choices(maps, PARAMETERS)]) == (Sharpness(), 1, 1)
    nothing = [DetectionScore()] * len(CHOICES)
    assert best_choice([nothing]) == (Sharpness(), 0, 0)


@pytest.fixture
def detector(tmp_path: Path) -> Path:
    folder = tmp_path / "original"
    folder.mkdir()
    plan = published_plan(find_entry(NAME))
    write_stored(StoredNetwork(plan, weights_of(build_network(plan, seed=3))), folder)
    return folder


@pytest.fixture
def context(detector: Path, tmp_path: Path) -> StepContext:
    pages = SyntheticPages("ABCDEFGHIJKLMNOP", count=2, seed=1)
    rows = []
    for number in range(2):
        pages[number].picture.resize((160, 128), Image.Resampling.BILINEAR).save(tmp_path / f"{number}.png")
        rows.append(LabelledPage(tmp_path / f"{number}.png", ()))
    data = DataSet("pages", False, tuple(rows), (), "0" * 64, synthetic=True)
    return StepContext(find_entry(NAME), None, detector, (data,), 1, 1, False, lambda *_: None)


def test_the_step_changes_the_last_layer_alone(detector: Path, tmp_path: Path, context: StepContext) -> None:
    notes: list[str] = []
    told = replace(context, progress=lambda _done, _total, note: notes.append(note))
    after = tmp_path / "after"
    after.mkdir()
    Sharpen(100).run(detector, after, tmp_path, told)
    # it is the original itself: nothing agrees better
    assert notes[-1].startswith("scale 1, offset 0: agreement ")
    before, stored = read_stored(detector), read_stored(after)
    assert all(np.array_equal(before.weights[key], one) for key, one in stored.weights.items())
    changed = sharpened(before.weights, Sharpness(1.5, 0.4))
    different = {key for key, one in changed.items() if not np.array_equal(one, before.weights[key])}
    assert different == {"head.binarize.conv3.weight", "head.binarize.conv3.bias"}


def test_logits_are_scaled_and_moved(detector: Path) -> None:
    import paddle

    from slim.distillation.detector import detector_maps

    stored = read_stored(detector)
    tensor = paddle.to_tensor(np.random.default_rng(0).standard_normal((1, 3, 64, 64)).astype(np.float32))
    logits = []
    for weights in (stored.weights, sharpened(stored.weights, Sharpness(1.5, 0.4))):
        network = StoredNetwork(stored.plan, weights).build()
        network.eval()
        with paddle.no_grad():
            logits.append(detector_maps(network, tensor)[1].numpy())
    np.testing.assert_allclose(logits[1], 1.5 * logits[0] + 0.4, rtol=1e-4, atol=1e-4)


def test_other_tasks_are_refused(detector: Path, tmp_path: Path, context: StepContext) -> None:
    other = replace(context, entry=find_entry("ch_ppocr_mobile_v2.0_cls"))
    with pytest.raises(InputError, match="is for detection, not for"):
        Sharpen(1).run(detector, tmp_path, tmp_path, other)
    with pytest.raises(InputError, match="there is none"):
        Sharpen(1).run(detector, tmp_path, tmp_path, replace(context, train=()))
