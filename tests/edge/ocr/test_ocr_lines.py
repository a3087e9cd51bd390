"""Line pictures as network input: scaled to one height, padded to one width."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from edge.ocr.lines import line_batch, scaled_width


def noise(width: int, height: int) -> Image.Image:
    dice = np.random.default_rng(width * 1000 + height)
    return Image.fromarray(dice.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("size", "height", "width"),
    [
        ((100, 32), 32, 100),
        ((100, 48), 32, 67),
        ((99, 48), 32, 66),
        ((1, 500), 48, 1),
        ((9000, 1), 48, 432_000),
    ],
)
def test_scaled_width_rounds_up_and_is_never_0(size: tuple[int, int], height: int, width: int) -> None:
    assert scaled_width(size, height) == width == max(1, math.ceil(height * size[0] / size[1]))


def test_a_line_of_the_right_height_is_not_resampled() -> None:
    line = noise(60, 32)
    (tensor,) = line_batch([line], 32, 100)
    expected = (np.asarray(line)[:, :, ::-1].transpose(2, 0, 1) / 127.5 - 1).astype(np.float32)
    assert tensor.shape == (3, 32, 100)
    assert np.abs(tensor[:, :, :60] - expected).max() < 1e-6
    assert not tensor[:, :, 60:].any()


def test_a_wide_line_is_squeezed_and_a_narrow_one_padded() -> None:
    wide, narrow = line_batch(
        [Image.new("RGB", (500, 16), (255, 255, 255)), Image.new("RGB", (8, 16), (255,) * 3)], 32, 64
    )
    assert (wide == 1).all()
    assert (narrow[:, :, :16] == 1).all()
    assert not narrow[:, :, 16:].any()


@pytest.mark.embedded
@pytest.mark.parametrize("size", [(200, 48), (77, 31), (640, 100), (30, 90)])
def test_smooth_lines_look_as_opencv_scales_them(size: tuple[int, int]) -> None:
    import cv2

    across, down = np.meshgrid(np.linspace(0, 3, size[0]), np.linspace(0, 2, size[1]))
    waves = np.stack([128 + 100 * np.sin(across), 128 + 100 * np.cos(down), 60 + 20 * across], axis=2)
    line = Image.fromarray(waves.astype(np.uint8))
    width = scaled_width(line.size, 48)
    (tensor,) = line_batch([line], 48, width)
    theirs = cv2.resize(np.asarray(line)[:, :, ::-1], (width, 48)).transpose(2, 0, 1) / 127.5 - 1
    assert np.abs(tensor - theirs).mean() < 0.01


def test_a_line_s_values_do_not_depend_on_its_neighbours() -> None:
    lines = [noise(40, 20), noise(300, 33), noise(5, 60)]
    together = line_batch(lines, 48, 320)
    assert together.shape == (3, 3, 48, 320)
    for line, tensor in zip(lines, together, strict=True):
        assert np.array_equal(line_batch([line], 48, 320)[0], tensor)


def test_no_lines() -> None:
    assert line_batch([], 48, 320).shape == (0, 3, 48, 320)


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (20_000, 3)])
def test_extreme_lines(size: tuple[int, int]) -> None:
    (tensor,) = line_batch([Image.new("RGB", size, (255, 0, 0))], 48, 320)
    assert tensor[:, 24, 0].tolist() == [-1, -1, 1]
