"""Pixels become planes in the order B, G, R, as networks trained with OpenCV expect them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from edge.ocr.normalize import write_planes

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (17, 23, 3), dtype=np.uint8))


def test_values_and_order() -> None:
    out = np.full((3, 17, 23), np.nan, np.float32)
    write_planes(picture(), MEAN, STD, out)
    bgr = np.asarray(picture())[:, :, ::-1].astype(np.float64)
    expected = ((bgr / 255 - MEAN) / STD).transpose(2, 0, 1)
    assert out.dtype == np.float32
    assert np.abs(out - expected).max() < 1e-6


@pytest.mark.embedded
def test_rapidocr_computes_the_same() -> None:
    from rapidocr_paddle.ch_ppocr_det.utils import DetPreProcess

    out = np.empty((3, 17, 23), np.float32)
    write_planes(picture(), MEAN, STD, out)
    prepare = DetPreProcess(960, "max", MEAN, STD)
    theirs = prepare.permute(prepare.normalize(np.asarray(picture())[:, :, ::-1]))
    assert np.abs(out - theirs).max() < 1e-5


def test_only_the_view_is_written() -> None:
    whole = np.zeros((2, 3, 17, 40), np.float32)
    write_planes(picture(), (0.5,) * 3, (0.5,) * 3, whole[1, :, :, :23])
    assert not whole[0].any()
    assert not whole[1, :, :, 23:].any()
    assert (whole[1, :, :, :23].min(), whole[1, :, :, :23].max()) == (-1, 1)


def test_a_picture_that_is_not_rgb_is_an_error() -> None:
    with pytest.raises(ValueError):
        write_planes(picture().convert("L"), MEAN, STD, np.empty((3, 17, 23), np.float32))
