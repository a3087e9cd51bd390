"""Batches depend on seed, step and part alone, and are what the networks take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.ocr.parameters import DetectionParameters
from slim.data.labels import LabelledBox, LabelledPage
from slim.data.synthetic import SyntheticPages
from slim.training.line_pictures import LinePictures, LineSettings, vary_line
from slim.training.page_crops import CropSettings, PageCrops
from slim.training.pictures import Pictures
from slim.training.prefetch import prefetched


@pytest.fixture(scope="module")
def page_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    folder = tmp_path_factory.mktemp("pages")
    pages = SyntheticPages("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", count=2, seed=1)
    paths = []
    for index in range(2):
        paths.append(folder / f"{index}.jpg")
        pages[index].picture.save(paths[-1])
    small = folder / "small.png"
    Image.new("RGB", (90, 40), (200, 10, 10)).save(small)
    return (*paths, small)


def crops(paths: tuple[Path, ...], seed: int = 7) -> PageCrops:
    settings = CropSettings(side=128, batch=3)
    pages = [LabelledPage(path, ()) for path in paths]
    return PageCrops(pages, [False] * len(pages), DetectionParameters(), settings, seed)


def test_crops_follow_from_seed_step_and_part(page_files: tuple[Path, ...]) -> None:
    first, second = crops(page_files), crops(page_files)
    later, _ = first(5, 1)
    first(0, 0)
    assert np.array_equal(first(5, 1)[0], later)
    assert np.array_equal(second(5, 1)[0], later)
    assert not np.array_equal(second(5, 0)[0], later)
    assert not np.array_equal(second(6, 1)[0], later)
    assert not np.array_equal(crops(page_files, seed=8)(5, 1)[0], later)


def test_crops_are_normalized_and_finite(page_files: tuple[Path, ...]) -> None:
    batch, _ = crops(page_files)(0, 0)
    assert batch.shape == (3, 3, 128, 128)
    assert batch.dtype == np.float32
    assert np.isfinite(batch).all()
    assert -3 < batch.min() < batch.max() < 3


def test_what_a_small_picture_does_not_fill_is_black(page_files: tuple[Path, ...]) -> None:
    parameters = DetectionParameters()
    settings = CropSettings(side=256, batch=1, zoom=(1.0, 1.0), stretch=1.0)
    batch = PageCrops([LabelledPage(page_files[2], ())], [False], parameters, settings, 1)(0, 0)[0]
    black = -np.array(parameters.mean) / np.array(parameters.std)
    np.testing.assert_allclose(batch[0, :, 200, 200], black, rtol=1e-4)
    assert not np.allclose(batch[0, :, 10, 10], black, rtol=1e-2)


def test_crops_are_taken_around_labelled_text(tmp_path: Path) -> None:
    # a white spot in the corner of a large black picture, labelled
    picture = Image.new("RGB", (1920, 1080))
    picture.paste((255, 255, 255), (1800, 40, 1860, 80))
    picture.save(tmp_path / "page.png")
    quad = np.array([[1800, 40], [1860, 40], [1860, 80], [1800, 80]], np.float32)
    page = LabelledPage(tmp_path / "page.png", (LabelledBox(quad, "x", care=True),))
    parameters = DetectionParameters()
    black = np.float32(-parameters.mean[0] / parameters.std[0])

    def with_text(near_text: float) -> int:
        settings = CropSettings(side=96, batch=40, zoom=(1.0, 1.0), near_text=near_text)
        batch = PageCrops([page], [True], parameters, settings, 3)(0, 0)[0]
        return int((batch[:, 0].reshape(40, -1).max(axis=1) > black + 1).sum())

    assert with_text(1.0) == 40
    assert with_text(0.0) < 10


def test_labels_go_with_the_crop(tmp_path: Path) -> None:
    # white where the label is: whatever part is shown at whatever size, its kernel lies on white
    picture = Image.new("RGB", (1920, 1080))
    picture.paste((255, 255, 255), (900, 500, 1100, 560))
    picture.save(tmp_path / "page.png")
    quad = np.array([[900, 500], [1100, 500], [1100, 560], [900, 560]], np.float32)
    page = LabelledPage(tmp_path / "page.png", (LabelledBox(quad, "x", care=True),))
    parameters = DetectionParameters()
    middle = (0.5 - parameters.mean[0]) / parameters.std[0]
    settings = CropSettings(side=128, batch=20, near_text=1.0)
    batch, kernels = PageCrops([page], [True], parameters, settings, 4)(0, 0)
    assert kernels.shape == (20, 128, 128)
    assert kernels.any(axis=(1, 2)).sum() > 10
    assert (batch[:, 0][kernels == 1] > middle).all()
    _, unlabelled = PageCrops([page], [False], parameters, settings, 4)(0, 0)
    assert not unlabelled.any()


def test_lines_of_a_batch_are_of_like_width(line_files: tuple[Path, ...]) -> None:
    lines = LinePictures(line_files, 32, LineSettings(batch=3, vary=False), seed=1)
    pictures, numbers, _ = lines.draw(4, 0)
    again, same, _ = LinePictures(line_files, 32, LineSettings(batch=3, vary=False), seed=1).draw(4, 0)
    assert numbers == same
    assert [one.tobytes() for one in pictures] == [one.tobytes() for one in again]
    ranks = sorted(lines._by_width.tolist().index(one) for one in numbers)
    assert ranks[-1] - ranks[0] < 3


def test_varied_lines_keep_about_their_size() -> None:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (32, 160, 3), dtype=np.uint8))
    changed = 0
    for _ in range(40):
        varied = vary_line(picture, rng)
        assert varied.mode == "RGB"
        assert abs(varied.width - 160) <= 6
        assert abs(varied.height - 32) <= 5
        changed += varied.tobytes() != picture.tobytes()
    assert changed > 20


def test_pictures_are_given_up_when_memory_is_short(
    page_files: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slim.training.pictures.MEMORY", 1000)
    pictures = Pictures(page_files, 100)
    first = pictures[0]
    assert max(first.size) == 100
    pictures[1]
    assert len(pictures._kept) == 1
    assert pictures[0].tobytes() == first.tobytes()


def test_prefetched_batches_come_in_order_and_errors_come_through() -> None:
    assert list(prefetched(lambda step: step * step, 2, 7)) == [4, 9, 16, 25, 36]

    def fails_at_four(step: int) -> int:
        if step == 4:
            raise ValueError("four")
        return step

    batches = prefetched(fails_at_four, 0, 9)
    assert [next(batches) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="four"):
        next(batches)
